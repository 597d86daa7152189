# Writes which commit of git the sources are into a header, if it is another than stands there.   cmake -DSOURCE=DIR -DOUT=FILE -P Commit.cmake
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND git -C ${SOURCE} rev-parse --show-toplevel OUTPUT_VARIABLE top OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
set(commit "")
file(REAL_PATH ${SOURCE} source)
if(top STREQUAL source)  # not a folder that happens to lie in somebody's repository
  execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=40 --exclude=* OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE
    ERROR_QUIET)
endif()
file(CONFIGURE OUTPUT ${OUT} CONTENT "#pragma once\n\ninline constexpr const char* lensfind_commit = \"@commit@\";\n" @ONLY)
