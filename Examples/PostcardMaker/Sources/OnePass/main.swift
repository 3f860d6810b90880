import Impasto

let photo = try Picture(contentsOf: "photo.jpg", longestSide: 1024)

// A trained style.
let several = try StylizerNetwork.shipped(TrainedStyles.several)
let trained = try Stylizer(several)
try trained.stylized(photo, style: .named("blue-strokes", of: several)).write(to: "trained.png")

// The style of any painting.
let painter = try Stylizer(StylizerNetwork.shipped(TrainedStyles.arbitrary))
let style = try painter.style(of: Picture(contentsOf: "painting.jpg"))
try painter.stylized(photo, style: .painting(style)).write(to: "painted.png")
