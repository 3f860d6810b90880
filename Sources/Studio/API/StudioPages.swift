#if Studio
import Foundation
import HTTPTypes
import Hummingbird

/// The files of the web application, which are a part of the program.
enum StudioPages {
  private static let files: [(path: String, type: String, bytes: [UInt8])] = [
    ("/", "text/html; charset=utf-8", PackageResources.index_html),
    ("/api", "text/html; charset=utf-8", PackageResources.api_html),
    ("\(StudioAPI.prefix)/openapi.json", "application/json", PackageResources.openapi_json),
    ("/assets/studio.css", "text/css; charset=utf-8", PackageResources.studio_css),
    ("/assets/icon.svg", "image/svg+xml", PackageResources.icon_svg),
    script("studio.js", PackageResources.studio_js),
    script("api.js", PackageResources.api_js),
    script("api-page.js", PackageResources.api_page_js),
    script("elements.js", PackageResources.elements_js),
    script("create.js", PackageResources.create_js),
    script("form.js", PackageResources.form_js),
    script("gallery.js", PackageResources.gallery_js),
    script("job.js", PackageResources.job_js),
    script("mask-editor.js", PackageResources.mask_editor_js),
    script("queue.js", PackageResources.queue_js),
    script("recipe-dialog.js", PackageResources.recipe_dialog_js),
    script("series.js", PackageResources.series_js),
    script("settings.js", PackageResources.settings_js),
    script("tiles.js", PackageResources.tiles_js),
    script("trainings.js", PackageResources.trainings_js),
  ]

  private static func script(_ name: String, _ bytes: [UInt8]) -> (String, String, [UInt8]) {
    ("/assets/\(name)", "text/javascript; charset=utf-8", bytes)
  }

  static var endpoints: [Endpoint] {
    files.map { file in
      // A new version of the program has other files under the same addresses.
      Endpoint(.get, file.path) { _, _ in .bytes(Data(file.bytes), type: file.type) }
    }
  }
}
#endif
