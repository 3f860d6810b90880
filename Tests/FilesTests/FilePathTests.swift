import Files
import Testing

@Suite struct FilePathTests {
  /// The values of POSIX `dirname`.
  @Test(arguments: [
    ("r", "."), ("/r", "/"), ("r/", "."), ("a/b", "a"), ("a//b//", "a"), ("/", "/"), ("//", "/"),
    ("/a/b", "/a"), ("./r", "."), ("é/x", "é"), ("-", "."), (".", "."),
  ])
  func theFolderIsThatOfDirname(path: String, folder: String) {
    #expect(FilePath.folder(of: path) == folder)
  }
}
