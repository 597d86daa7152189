# The tree that `cmake --install` leaves runs from anywhere: the program finds recipes and surveys beside its bin folder, and the wheels'
# libraries by the path they had when it was built. `find_package(lensfind)` gives lensfind::lensfind, all rooms but training.
include(CMakePackageConfigHelpers)
get_property(lensfind_rooms GLOBAL PROPERTY LENSFIND_ROOMS)
set(lensfind_library_rooms ${lensfind_rooms})
list(FILTER lensfind_library_rooms EXCLUDE REGEX "lensfind_(train|cli)$")

add_library(lensfind_lensfind INTERFACE)
add_library(lensfind::lensfind ALIAS lensfind_lensfind)
target_link_libraries(lensfind_lensfind INTERFACE ${lensfind_library_rooms})

foreach(kind recipes surveys schemes)
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/${kind} DESTINATION ${CMAKE_INSTALL_DATADIR}/lensfind FILES_MATCHING PATTERN "*.toml")
  # The same place beside the built program, so that it looks for them in one way only.
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/share/lensfind)
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${kind} ${CMAKE_BINARY_DIR}/share/lensfind/${kind} SYMBOLIC)
endforeach()
install(DIRECTORY ${CMAKE_SOURCE_DIR}/models DESTINATION ${CMAKE_INSTALL_DATADIR}/lensfind)
file(CREATE_LINK ${CMAKE_SOURCE_DIR}/models ${CMAKE_BINARY_DIR}/share/lensfind/models SYMBOLIC)

if(TARGET lensfind)
  install(TARGETS lensfind RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
if(TARGET lensfind_train)
  install(TARGETS lensfind_train LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
foreach(target ${lensfind_library_rooms} lensfind_lensfind lensfind_options)
  string(REGEX REPLACE "^lensfind_" "" exported ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${exported})
endforeach()
install(TARGETS ${lensfind_library_rooms} lensfind_lensfind lensfind_options EXPORT lensfind ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT lensfind NAMESPACE lensfind:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/lensfind FILE lensfindTargets.cmake)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/src/lensfind DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h" PATTERN cli EXCLUDE PATTERN testing EXCLUDE)
configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/lensfindConfig.cmake.in ${CMAKE_BINARY_DIR}/lensfindConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/lensfind)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/lensfindConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/lensfindConfig.cmake ${CMAKE_BINARY_DIR}/lensfindConfigVersion.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/lensfind)
