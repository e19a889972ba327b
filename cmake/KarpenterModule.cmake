# karpenter_module(NAME DEPENDS module... LIBRARIES target... [SLOW gtest-filter])
#
# One static library per folder under src/. Every *.cc in the folder belongs to it, except
#   *_test.cc   -> executable test_NAME, run by ctest (GoogleTest)
#   *_bench.cc  -> executable bench_NAME (Google Benchmark)
#   *_testing.cc -> library kp_NAME_testing, which those two link
#   *_fuzz.cc   -> one libFuzzer executable each, with KP_FUZZ=ON
# SLOW names the tests that get the label `slow`: sanitizer runs leave them out (ctest -LE slow).
# DEPENDS are the arrows of docs/ARCHITECTURE.md. An include of a module that is not reachable over these arrows
# fails: each module sees only the include root of the modules it names.
include(GoogleTest)

set(KP_WARNINGS
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    -Wold-style-cast -Woverloaded-virtual -Wimplicit-fallthrough
    # Designated initialisers leave the rest to its defaults, on purpose.
    -Wno-missing-field-initializers
    # False positives on std::string in g++ 12 (GCC bugs 105329, 105651); AddressSanitizer finds the true ones.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow>
    $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overread> $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds>
    # In batches (below) g++ follows so many calls that it sees dangers which are none, and takes every file but the
    # generated one for a header. The preset `dev` and clang look closer.
    $<$<NOT:$<BOOL:${KP_BATCH}>>:-Wnull-dereference>
    $<$<AND:$<BOOL:${KP_BATCH}>,$<CXX_COMPILER_ID:GNU>>:-Wno-subobject-linkage>
    $<$<AND:$<BOOL:${KP_BATCH}>,$<CXX_COMPILER_ID:GNU>>:-Wno-maybe-uninitialized>
    # libstdc++ 12's own std::stable_sort calls a function that it has deprecated; clang blames the caller.
    $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations> -Werror)

# What nearly every file includes is parsed once per build. Only headers of the system belong here, never ours, lest
# each edit rebuild everything. The presets `dev` and `analyze` do without, so that a forgotten include is noticed.
set(KP_COMMON_HEADERS <algorithm> <array> <charconv> <cstdint> <deque> <expected> <functional> <map> <memory>
    <optional> <set> <span> <string> <string_view> <unordered_map> <utility> <variant> <vector>
    <fmt/format.h> <boost/json.hpp>)
# A precompiled header serves only compilations with the same macros and thread option, so that all modules get these
# (-pthread comes with re2, to some of them).
set(KP_COMMON_LIBRARIES Boost::json fmt::fmt)
add_compile_options(-pthread)

# Tests are compiled quickly rather than well; what they test is in libraries, which are built as for users.
set(KP_TEST_OPTIONS -Wno-null-dereference $<$<CONFIG:Release>:-O1>)

function(karpenter_precompile target)
  set(source ${CMAKE_BINARY_DIR}/generated/${target}.cc)
  if(NOT EXISTS ${source})
    file(WRITE ${source} "")
  endif()
  add_library(${target} OBJECT ${source})
  target_compile_options(${target} PRIVATE ${KP_WARNINGS} ${ARGN} "$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>")
  target_link_libraries(${target} PRIVATE ${KP_COMMON_LIBRARIES})
endfunction()

# Stages a folder that holds a single symlink NAME -> src/NAME, so that "NAME/x.h" resolves for exactly those
# targets that depend on NAME.
function(karpenter_stage name out)
  set(root ${CMAKE_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/${name} ${root}/${name} SYMBOLIC)
  set(${out} ${root} PARENT_SCOPE)
endfunction()

# What is measured and what users run allocates with mimalloc; sanitizers bring allocators of their own.
function(karpenter_allocator target)
  if(CMAKE_BUILD_TYPE STREQUAL Release)
    target_link_libraries(${target} PRIVATE -Wl,--push-state,--no-as-needed ${KP_MIMALLOC} -Wl,--pop-state)
  endif()
endfunction()

set(KP_BATCH_SIZE 8)

# karpenter_batch(TARGET OUT FILE...): sources that include some files each, so that headers are parsed once for all of
# them: a clean build takes little more than half the time. What two files of a module keep in `namespace {}` needs
# different names. Without KP_BATCH (all presets but `release`) each file is compiled by itself.
function(karpenter_batch target out)
  set(batches "")
  set(pending ${ARGN})
  set(number 0)
  while(KP_BATCH AND pending)
    set(lines "")
    set(count 0)
    while(pending AND count LESS KP_BATCH_SIZE)
      list(POP_FRONT pending file)
      get_source_file_property(is_special ${file} OBJECT_DEPENDS)
      if(is_special)  # It has settings of its own.
        list(APPEND batches ${file})
        continue()
      endif()
      # Through the include root: an absolute path would spoil ccache in a new clone.
      file(RELATIVE_PATH path ${CMAKE_CURRENT_SOURCE_DIR} ${file})
      string(APPEND lines "#include \"${path}\"\n")
      math(EXPR count "${count} + 1")
    endwhile()
    set(batch ${CMAKE_BINARY_DIR}/generated/${target}_${number}.cc)
    file(CONFIGURE OUTPUT ${batch} CONTENT "${lines}" @ONLY)
    list(APPEND batches ${batch})
    math(EXPR number "${number} + 1")
  endwhile()
  set(${out} ${batches} ${pending} PARENT_SCOPE)
endfunction()

function(karpenter_module name)
  cmake_parse_arguments(ARG "" "SLOW" "DEPENDS;LIBRARIES" ${ARGN})
  set(dir ${CMAKE_CURRENT_SOURCE_DIR}/${name})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${dir}/*.cc)
  set(tests ${sources})
  set(benches ${sources})
  set(fuzzers ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")
  set(testing ${sources})
  list(FILTER testing INCLUDE REGEX "_testing\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|_bench|_fuzz|_testing)\\.cc$")
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")

  karpenter_stage(${name} include_root)
  if(sources)
    karpenter_batch(kp_${name} batches ${sources})
    add_library(kp_${name} STATIC ${batches})
    target_compile_options(kp_${name} PRIVATE ${KP_WARNINGS})
    target_precompile_headers(kp_${name} REUSE_FROM kp_headers)
    set(scope PUBLIC)
  else()
    add_library(kp_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(kp_${name} ${scope} ${include_root})
  foreach(dep ${ARG_DEPENDS})
    target_link_libraries(kp_${name} ${scope} kp_${dep})
  endforeach()
  target_link_libraries(kp_${name} ${scope} ${KP_COMMON_LIBRARIES} ${ARG_LIBRARIES})

  set(test_links kp_${name})
  if(testing)
    add_library(kp_${name}_testing STATIC ${testing})
    target_compile_options(kp_${name}_testing PRIVATE ${KP_WARNINGS})
    target_precompile_headers(kp_${name}_testing REUSE_FROM kp_headers)
    target_link_libraries(kp_${name}_testing PUBLIC kp_${name} GTest::gtest)
    set(test_links kp_${name}_testing)
  endif()
  if(tests)
    add_executable(test_${name} ${tests})
    target_compile_options(test_${name} PRIVATE ${KP_WARNINGS} ${KP_TEST_OPTIONS})
    target_precompile_headers(test_${name} REUSE_FROM kp_test_headers)
    target_link_libraries(test_${name} PRIVATE ${test_links} GTest::gtest GTest::gtest_main)
    add_dependencies(tests test_${name})
    # Tests find examples and test data by paths relative to the root: absolute ones would spoil ccache in a new clone.
    set(discovery WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} DISCOVERY_TIMEOUT 60 DISCOVERY_MODE PRE_TEST)
    if(ARG_SLOW)
      gtest_discover_tests(test_${name} ${discovery} TEST_FILTER "${ARG_SLOW}" PROPERTIES TIMEOUT 600 LABELS slow)
      gtest_discover_tests(test_${name} ${discovery} TEST_FILTER "-${ARG_SLOW}" PROPERTIES TIMEOUT 300)
    else()
      gtest_discover_tests(test_${name} ${discovery} PROPERTIES TIMEOUT 300)
    endif()
  endif()
  if(benches)
    add_executable(bench_${name} ${benches})
    target_compile_options(bench_${name} PRIVATE ${KP_WARNINGS})
    target_link_libraries(bench_${name} PRIVATE ${test_links} benchmark::benchmark benchmark::benchmark_main)
    karpenter_allocator(bench_${name})
  endif()
  if(KP_FUZZ)
    foreach(fuzzer ${fuzzers})
      get_filename_component(stem ${fuzzer} NAME_WE)
      add_executable(${stem} ${fuzzer})
      target_compile_options(${stem} PRIVATE ${KP_WARNINGS})
      target_precompile_headers(${stem} REUSE_FROM kp_headers)
      target_link_libraries(${stem} PRIVATE ${test_links})
      target_link_options(${stem} PRIVATE -fsanitize=fuzzer)
      add_dependencies(fuzzers ${stem})
    endforeach()
  endif()
endfunction()
