#include "cli/manual.hpp"

#include <CLI/CLI.hpp>
#include <functional>
#include <vector>

#include "cli/settings.hpp"
#include "cli/version.hpp"

namespace forecourt::cli {
namespace {

/// Verbs that are shown; those without a group are the host's own.
std::vector<const CLI::App*> verbs_of(const CLI::App& app) {
  std::vector<const CLI::App*> shown;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!verb->get_group().empty()) shown.push_back(verb);
  }
  return shown;
}

/// Every verb with the words that lead to it, "keys list" after "keys".
void walk(const CLI::App& app, const std::string& words,
          const std::function<void(const std::string&, const CLI::App&)>& visit) {
  for (const CLI::App* verb : verbs_of(app)) {
    const std::string whole = words.empty() ? verb->get_name() : words + " " + verb->get_name();
    visit(whole, *verb);
    walk(*verb, whole, visit);
  }
}

/// Text as roff takes it: no backslash or leading dot of ours means anything.
std::string roff(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

void describe_options(const CLI::App& app, std::string& page) {
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_name(false, true);
    page += ".TP\n.B " + roff(name) + "\n" + roff(option->get_description()) + "\n";
    if (!option->get_envname().empty())
      page += "Environment: " + roff(option->get_envname()) + ".\n";
  }
}

}  // namespace

std::string manual_page(const CLI::App& app) {
  std::string page =
      ".TH FORECOURT 1 \"\" \"forecourt " + std::string(k_version) +
      "\" \"User Commands\"\n.SH NAME\nforecourt \\- runs plugins behind one HTTP "
      "gateway\n.SH SYNOPSIS\n.B forecourt\n.I verb\n[arguments]\n.SH DESCRIPTION\n" +
      roff(app.get_description()) + "\n.SH VERBS\n";
  walk(app, "", [&page](const std::string& words, const CLI::App& verb) {
    page += ".SS " + roff("forecourt " + words) + "\n" + roff(verb.get_description()) + "\n";
    describe_options(verb, page);
  });
  page +=
      ".SH ENVIRONMENT\nEach setting is a flag of\n.BR \"forecourt serve\" ,\na variable, or a "
      "member of the file that \\-\\-config names; the first of these wins.\n";
  for (const Setting& setting : settings_table()) {
    page += ".TP\n.B " + roff(std::string(setting.env)) + "\n" + roff(std::string(setting.help));
    if (!setting.fallback.empty()) page += " Default: " + roff(std::string(setting.fallback)) + ".";
    page += "\n";
  }
  page +=
      ".SH EXIT STATUS\n0 when it did what was asked, 1 when not, 2 when the command line was "
      "not understood.\n";
  return page;
}

std::string bash_completion(const CLI::App& app) {
  std::string cases;
  const auto add_case = [&cases](const std::string& words, const CLI::App& verb) {
    std::string next;
    for (const CLI::App* below : verbs_of(verb)) next += below->get_name() + " ";
    for (const CLI::Option* option : verb.get_options()) {
      for (const std::string& name : option->get_lnames()) next += "--" + name + " ";
    }
    if (!next.empty()) next.pop_back();
    cases += "    '" + words + "') next='" + next + "' ;;\n";
  };
  add_case("", app);
  walk(app, "", add_case);
  return "# bash completion for forecourt: source it, or put it where bash-completion looks.\n"
         "_forecourt() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} words='' next='' one\n"
         "  for one in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case $one in -*) break ;; *) words=\"${words:+$words }$one\" ;; esac\n"
         "  done\n"
         "  case $words in\n" +
         cases +
         "  esac\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$next\" -- \"$word\")\n"
         "}\n"
         "complete -o default -F _forecourt forecourt\n";
}

}  // namespace forecourt::cli
