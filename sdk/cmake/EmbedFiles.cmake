# cmake -DOUTPUT=<file.cpp> -DFOLDER=<folder> "-DFILES=a;b" -P EmbedFiles.cmake
# Writes the files of sdk/template as string literals: cli/template_files.hpp declares what is defined here.
set(text "#include \"cli/template_files.hpp\"\n\nnamespace forecourt::cli {\nnamespace {\n\nconstexpr TemplateFile k_files[] = {\n")
foreach(file IN LISTS FILES)
  file(READ ${FOLDER}/${file} content)
  string(APPEND text "    {\"${file}\", R\"fc_file(${content})fc_file\"},\n")
endforeach()
string(APPEND text "};\n\n}  // namespace\n\nstd::span<const TemplateFile> template_files() { return k_files; }\n\n}  // namespace forecourt::cli\n")
file(WRITE ${OUTPUT} "${text}")
