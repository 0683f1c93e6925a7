#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// How many quotes of a page, "<!-- from <file> -->" and the code block after it, stand in their
/// files word for word.
int check_quotes(const fs::path& page) {
  std::istringstream lines(read(page));
  int quotes = 0;
  std::string line;
  while (std::getline(lines, line)) {
    if (!line.starts_with("<!-- from ")) continue;
    const std::string source = line.substr(10, line.find(" -->") - 10);
    std::string quote = "\n";
    std::getline(lines, line);
    EXPECT_TRUE(line.starts_with("```")) << page << ": no code block after the quote of " << source;
    while (std::getline(lines, line) && line != "```") quote += line + "\n";
    const std::string text = "\n" + read(fs::path(FORECOURT_SOURCE_DIR) / source);
    EXPECT_NE(text.find(quote), std::string::npos)
        << page << " quotes what " << source << " does not say:" << quote;
    ++quotes;
  }
  return quotes;
}

TEST(Docs, QuoteTheCodeThatTestsCompile) {
  const fs::path docs = fs::path(FORECOURT_SOURCE_DIR) / "docs";
  EXPECT_GE(check_quotes(docs / "WRITING_A_PLUGIN.md"), 10);
  for (const auto& entry : fs::recursive_directory_iterator(docs)) {
    if (entry.path().extension() == ".md") check_quotes(entry.path());
  }
}

TEST(Docs, EveryCppBlockOfTheGuideIsAQuote) {
  const std::string page = read(fs::path(FORECOURT_SOURCE_DIR) / "docs/WRITING_A_PLUGIN.md");
  size_t blocks = 0;
  size_t quoted = 0;
  for (size_t at = page.find("```cpp"); at != page.npos; at = page.find("```cpp", at + 1)) ++blocks;
  for (size_t at = page.find(" -->\n```cpp"); at != page.npos;
       at = page.find(" -->\n```cpp", at + 1)) {
    ++quoted;
  }
  EXPECT_EQ(blocks, quoted);
}

}  // namespace
