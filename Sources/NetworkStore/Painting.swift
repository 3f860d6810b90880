import Foundation

/// A painting that Impasto ships as a style.
public struct Painting: Sendable, Hashable {
  /// The name by which a recipe refers to the painting.
  public let name: String
  /// The title in English, or the one by which the painting is known.
  public let title: String
  /// The painter's full name.
  public let painter: String
  /// The year, or an approximate one such as `about 1831`.
  public let year: String

  /// Every shipped painting, by name. All are in the public domain.
  public static let catalog = [
    Painting(
      name: "auvers", title: "Village Street in Auvers", painter: "Vincent van Gogh", year: "1890"),
    Painting(
      name: "composition-viii", title: "Composition VIII", painter: "Wassily Kandinsky",
      year: "1923"),
    Painting(name: "edtaonisl", title: "Edtaonisl", painter: "Francis Picabia", year: "1913"),
    Painting(
      name: "ejiri", title: "Ejiri in Suruga Province", painter: "Katsushika Hokusai",
      year: "about 1830"),
    Painting(
      name: "grande-jatte", title: "A Sunday on La Grande Jatte", painter: "Georges Seurat",
      year: "1886"),
    Painting(
      name: "great-wave", title: "The Great Wave off Kanagawa", painter: "Katsushika Hokusai",
      year: "about 1831"),
    Painting(
      name: "harvesters", title: "The Harvesters", painter: "Pieter Bruegel the Elder", year: "1565"
    ),
    Painting(
      name: "metzinger", title: "Portrait of Jean Metzinger", painter: "Robert Delaunay",
      year: "1906"),
    Painting(
      name: "moulin-de-la-galette", title: "Bal du moulin de la Galette",
      painter: "Pierre-Auguste Renoir",
      year: "1876"),
    Painting(name: "poppies", title: "Poppies", painter: "Katsushika Hokusai", year: "about 1831"),
    Painting(
      name: "self-portrait", title: "Self-Portrait", painter: "Vincent van Gogh", year: "1887"),
    Painting(name: "spring", title: "Spring", painter: "Giuseppe Arcimboldo", year: "1573"),
    Painting(name: "summertime", title: "Summertime", painter: "Mary Cassatt", year: "1894"),
    Painting(name: "udnie", title: "Udnie", painter: "Francis Picabia", year: "1913"),
  ]

  /// The painting's picture file.
  public func path(in resources: Resources) -> String {
    resources.folder.appendingPathComponent("styles/\(name).jpg").path
  }
}
