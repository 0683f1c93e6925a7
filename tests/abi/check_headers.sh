#!/bin/sh
# check_headers.sh <include folder> <layout.c> <compiler> <language> <standard>
# Compiles every header of the ABI on its own, and the pinned layout, with every warning an error. -Wpadded: no hidden
# padding stands on the boundary.
set -eu
include=$1 layout=$2 compiler=$3 language=$4 standard=$5
flags="-fsyntax-only -x $language -std=$standard -I$include -Wall -Wextra -Wpedantic -Wpadded -Werror"
for header in "$include"/forecourt/*.h; do
  # Twice: a header guards itself.
  name=forecourt/$(basename "$header")
  printf '#include <%s>\n#include <%s>\n' "$name" "$name" | "$compiler" $flags - ||
    { echo "$name does not compile as $standard with $compiler" >&2; exit 1; }
done
"$compiler" $flags "$layout"
