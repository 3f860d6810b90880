import Foundation
import Impasto

#if canImport(FoundationXML)
import FoundationXML
#endif

/// A recipe inside a picture: an XMP packet (ISO 16684-1) with its text in an element of its own namespace,
/// which PNG, JPEG, TIFF, WebP and AVIF can all hold.
package enum RecipeMetadata {
  private static let namespace = "https://impasto.invalid/xmp/1.0/"

  /// A packet that holds a recipe's text.
  package static func packet(_ recipe: String) -> String {
    let escaped = recipe.replacingOccurrences(of: "&", with: "&amp;")
      .replacingOccurrences(of: "<", with: "&lt;").replacingOccurrences(of: ">", with: "&gt;")
    return """
      <?xpacket begin="\u{FEFF}" id="W5M0MpCehiHzreSzNTczkc9d"?>
      <x:xmpmeta xmlns:x="adobe:ns:meta/">
      <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
      <rdf:Description rdf:about="" xmlns:impasto="\(namespace)">
      <impasto:recipe>\(escaped)</impasto:recipe>
      </rdf:Description>
      </rdf:RDF>
      </x:xmpmeta>
      <?xpacket end="r"?>
      """
  }

  /// The recipe's text in a packet, if there is one.
  package static func recipe(in packet: String) -> String? {
    let reader = ElementReader(name: "recipe", namespace: namespace)
    let parser = XMLParser(data: Data(packet.utf8))
    parser.shouldProcessNamespaces = true
    parser.delegate = reader
    return parser.parse() ? reader.text : nil
  }

  /// Reads the text of one element.
  private final class ElementReader: NSObject, XMLParserDelegate {
    private let name: String
    private let namespace: String
    private var isInside = false
    private(set) var text: String?

    init(name: String, namespace: String) {
      self.name = name
      self.namespace = namespace
    }

    func parser(
      _ parser: XMLParser, didStartElement element: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      guard element == name, namespaceURI == namespace else { return }
      isInside = true
      text = ""
    }

    func parser(
      _ parser: XMLParser, didEndElement element: String, namespaceURI: String?,
      qualifiedName: String?
    ) {
      if element == name, namespaceURI == namespace { isInside = false }
    }

    func parser(_ parser: XMLParser, foundCharacters characters: String) {
      if isInside { text? += characters }
    }
  }
}

extension PictureFile {
  /// The text of the recipe that the picture was made with, if it has one.
  ///
  /// - Throws: `PictureError.unreadable`.
  package var recipe: String? {
    get throws { try xmp().flatMap(RecipeMetadata.recipe) }
  }
}
