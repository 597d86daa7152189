#include "lensfind/base/open_file.h"

#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/temporary_folder.h"
#include "lensfind/base/value.h"

namespace lensfind::base {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

void make_socket(const fs::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(socket);
}

TEST(OpenFile, GivesItsStartInTwoPieces) {
  const TemporaryFolder folder;
  const fs::path path = folder / "file";
  std::ofstream{path} << "headpixels";
  const OpenFile file{path};
  std::vector<std::byte> head(4), pixels(6), too_many(7);
  file.read_start(head, pixels);
  EXPECT_EQ(static_cast<char>(head[3]), 'd');
  EXPECT_EQ(static_cast<char>(pixels[0]), 'p');
  EXPECT_THROW(file.read_start(head, too_many), Error);
}

TEST(OpenFile, RefusesAllThatIsNoRegularFileAtOnce) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe.csv").c_str(), 0600), 0);
  make_socket(folder / "socket.csv");
  fs::create_symlink("pipe.csv", folder / "link.csv");
  for (const fs::path& path : {folder / "pipe.csv", folder / "socket.csv", folder / "link.csv", fs::path{"/dev/zero"}, folder.path()}) {
    EXPECT_THROW(OpenFile{path}, Error) << path;
    EXPECT_THROW(require_regular_file(path), Error) << path;
    EXPECT_THROW(read_text(path), Error) << path;
    EXPECT_THROW(CsvReader{path}, Error) << path;
  }
  try {
    require_regular_file(folder / "pipe.csv");
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("pipe.csv: is no regular file"));
  }
}

TEST(OpenFile, FollowsALinkToARegularFile) {
  const TemporaryFolder folder;
  std::ofstream{folder / "file"} << "pixels";
  fs::create_symlink("file", folder / "link");
  EXPECT_NO_THROW(require_regular_file(folder / "link"));
  EXPECT_EQ(read_text(folder / "link"), "pixels");
  EXPECT_THROW(require_regular_file(folder / "absent"), Error);
}

}  // namespace
}  // namespace lensfind::base
