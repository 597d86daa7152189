# A Debian package of the program with OpenVINO's libraries inside, by CPack: scripts/deb. C++ libraries and headers are not in it.
set(CPACK_PACKAGE_NAME lensfind)
set(CPACK_PACKAGE_VENDOR lensfind)
set(CPACK_PACKAGE_CONTACT "lensfind maintainers <maintainers@lensfind.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "find strong gravitational lenses in survey images")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "Simulates labelled cutouts, says how good finders are at the prevalence of
a real survey, scores millions of cutouts, and shows the candidates to the
people who grade them. Models for several surveys are inside. Training is
not: it needs a build from source.")
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL program openvino)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "gnuplot-nox, fonts-dejavu-core")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${lensfind_openvino_folder})
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

if(LENSFIND_PACKAGE)
  install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/lensfind RENAME copyright COMPONENT program)
  execute_process(COMMAND git -C ${CMAKE_SOURCE_DIR} log -1 --format=%aD OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT date)
    string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
  endif()
  file(WRITE ${CMAKE_BINARY_DIR}/changelog.Debian "lensfind (${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) bookworm; urgency=medium

  * As changelog.gz says.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
  set(changelogs ${CMAKE_BINARY_DIR}/changelog.gz ${CMAKE_BINARY_DIR}/changelog.Debian.gz)
  add_custom_command(OUTPUT ${changelogs} DEPENDS ${CMAKE_SOURCE_DIR}/CHANGELOG.md ${CMAKE_BINARY_DIR}/changelog.Debian
    COMMAND gzip -9nc ${CMAKE_SOURCE_DIR}/CHANGELOG.md > ${CMAKE_BINARY_DIR}/changelog.gz
    COMMAND gzip -9nc ${CMAKE_BINARY_DIR}/changelog.Debian > ${CMAKE_BINARY_DIR}/changelog.Debian.gz)
  add_custom_target(lensfind_changelog ALL DEPENDS ${changelogs})
  install(FILES ${changelogs} DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/lensfind COMPONENT program)
  install(FILES ${CMAKE_SOURCE_DIR}/packages/lensfind.lintian-overrides DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides RENAME lensfind
    COMPONENT program)
endif()
include(CPack)
