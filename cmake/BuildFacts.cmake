# lensfind_build_facts(TARGET): gives the target a header lensfind_build_facts.h, which says of which commit and with which libraries it is built.
# The commit is looked up at each build; the header changes, and the target is linked anew, only where it is another.
function(lensfind_build_facts target)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/build_facts)
  set(libraries)
  foreach(pair OpenVINO=${OpenVINO_VERSION} oneTBB=${TBB_VERSION} ONNX=${ONNX_VERSION} protobuf=${Protobuf_VERSION} Highway=${HWY_VERSION}
      cfitsio=${CFITSIO_VERSION} wcslib=${WCSLIB_VERSION} erfa=${ERFA_VERSION} libxml2=${LIBXML2_VERSION} SQLite=${SQLite3_VERSION}
      cpp-httplib=${HTTPLIB_VERSION} libpng=${PNG_VERSION_STRING} zlib=${ZLIB_VERSION_STRING} xxHash=${XXHASH_VERSION} fmt=${fmt_VERSION}
      nlohmann_json=${nlohmann_json_VERSION} toml++=${tomlplusplus_VERSION} CLI11=${CLI11_VERSION} libtorch=${lensfind_torch_version}
      Arrow=${lensfind_arrow_version} MPI=${MPI_CXX_VERSION})
    if(pair MATCHES "^([^=]+)=(.+)$")
      string(APPEND libraries "{\"${CMAKE_MATCH_1}\", \"${CMAKE_MATCH_2}\"}, ")
    endif()
  endforeach()
  set(LENSFIND_BUILD_LIBRARIES "${libraries}")
  configure_file(${CMAKE_SOURCE_DIR}/cmake/lensfind_build_facts.h.in ${folder}/lensfind_build_facts.h @ONLY)
  add_custom_target(lensfind_commit BYPRODUCTS ${folder}/lensfind_commit.h COMMENT ""
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DOUT=${folder}/lensfind_commit.h -P ${CMAKE_SOURCE_DIR}/cmake/Commit.cmake)
  add_dependencies(${target} lensfind_commit)
  target_include_directories(${target} PRIVATE ${folder})
endfunction()

# What says its version in no variable of CMake.
if(LENSFIND_TRAIN AND EXISTS ${LENSFIND_TORCH}/version.py)
  file(STRINGS ${LENSFIND_TORCH}/version.py lensfind_torch_version REGEX "^__version__")
  string(REGEX REPLACE ".*['\"]([^'\"]+)['\"].*" "\\1" lensfind_torch_version "${lensfind_torch_version}")
elseif(LENSFIND_TRAIN AND EXISTS ${LENSFIND_TORCH}/build-version)
  file(STRINGS ${LENSFIND_TORCH}/build-version lensfind_torch_version LIMIT_COUNT 1)
endif()
if(LENSFIND_ARROW AND EXISTS ${LENSFIND_ARROW}/include/arrow/util/config.h)
  file(STRINGS ${LENSFIND_ARROW}/include/arrow/util/config.h lensfind_arrow_version REGEX "ARROW_VERSION_STRING")
  string(REGEX REPLACE ".*\"([^\"]+)\".*" "\\1" lensfind_arrow_version "${lensfind_arrow_version}")
endif()
