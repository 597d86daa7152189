include(GoogleTest)

# Every compiled line of ours obeys these.
add_library(lensfind_options INTERFACE)
target_compile_options(lensfind_options INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror
  -Wno-missing-field-initializers)  # designated initialisers leave the other members at their defaults on purpose
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(lensfind_options INTERFACE -Wno-sign-conversion)  # which -Wconversion of g++ does not hold
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(lensfind_options INTERFACE -Wno-restrict)  # false alarms of g++ 12 on std::string (GCC bug 105651)
endif()
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(lensfind_options INTERFACE -Wno-subobject-linkage)  # a unit of several files takes all but itself for headers
endif()
target_include_directories(lensfind_options INTERFACE $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/src> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
if(LENSFIND_SANITIZE)
  target_compile_options(lensfind_options INTERFACE -fsanitize=${LENSFIND_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
    -O1)  # half the time to compile
  if(LENSFIND_SANITIZE MATCHES "undefined")
    # Its check of an object's type goes through a pipe, and raises a false alarm in tests that leave no file descriptor free.
    target_compile_options(lensfind_options INTERFACE -fno-sanitize=vptr)
  endif()
  target_link_options(lensfind_options INTERFACE -fsanitize=${LENSFIND_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # The sanitizers' checks hide from the compiler which member of a variant is alive (GCC bug 105562 and others like it).
    target_compile_options(lensfind_options INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()

# What a program needs to run OpenVINO under the sanitizers (sanitizer_dlopen.cpp and thread_sanitizer.cpp say why).
function(lensfind_allow_sanitizer target)
  if(LENSFIND_SANITIZE MATCHES "address|thread")
    target_sources(${target} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/sanitizer_dlopen.cpp)
  endif()
  if(LENSFIND_SANITIZE MATCHES "thread")
    target_sources(${target} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/thread_sanitizer.cpp)
  endif()
endfunction()

# For code that need not be fast: compiled so, it takes a third less time.
function(lensfind_optimise_less target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

# lensfind_room(NAME SOURCES ... [ROOMS ...] [LIBRARIES ...] [PRIVATE_LIBRARIES ...] [TESTS ...] [SHARED] [LIGHT] [SMALL_UNITS])
# makes the library lensfind_NAME and, with TESTS, the program lensfind_NAME_test whose cases CTest knows one by one.
# LIGHT: the room calls what computes, and computes little itself: it is optimised less, which takes two thirds of the time to compile.
# SMALL_UNITS: a unity build takes 8 of its files together, not 16 as elsewhere; some of them give their own helpers the names of others'.
function(lensfind_room name)
  cmake_parse_arguments(room "SHARED;LIGHT;SMALL_UNITS" "" "SOURCES;ROOMS;LIBRARIES;PRIVATE_LIBRARIES;TESTS" ${ARGN})
  set(kind STATIC)
  if(room_SHARED)
    set(kind SHARED)
  endif()
  add_library(lensfind_${name} ${kind} ${room_SOURCES})
  add_library(lensfind::${name} ALIAS lensfind_${name})
  list(TRANSFORM room_ROOMS PREPEND lensfind_)
  target_link_libraries(lensfind_${name} PUBLIC lensfind_options ${room_ROOMS} ${room_LIBRARIES} PRIVATE ${room_PRIVATE_LIBRARIES})
  if(room_LIGHT)
    lensfind_optimise_less(lensfind_${name})
  endif()
  if(NOT room_SMALL_UNITS)
    set_target_properties(lensfind_${name} PROPERTIES UNITY_BUILD_BATCH_SIZE 16)
  endif()
  set_property(GLOBAL APPEND PROPERTY LENSFIND_ROOMS lensfind_${name})
  if(LENSFIND_TESTS AND room_TESTS)
    add_executable(lensfind_${name}_test ${room_TESTS})
    target_link_libraries(lensfind_${name}_test PRIVATE lensfind_${name} GTest::gmock_main)
    lensfind_allow_sanitizer(lensfind_${name}_test)
    target_compile_definitions(lensfind_${name}_test PRIVATE LENSFIND_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    lensfind_optimise_less(lensfind_${name}_test)  # what a test compares need not be fast
    target_include_directories(lensfind_${name}_test PRIVATE ${CMAKE_SOURCE_DIR})  # for "tests/..." headers that several rooms' tests share
    # OpenMP's threads sleep while they wait: tests run beside each other.
    gtest_discover_tests(lensfind_${name}_test DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
      PROPERTIES LABELS ${name} TIMEOUT 600 ENVIRONMENT GOMP_SPINCOUNT=1000)
  endif()
endfunction()
