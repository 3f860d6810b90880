/// A trained network in the catalog.
public struct Model: Sendable, Hashable {
  /// The name by which recipes and commands select the network.
  public let name: String
  /// A one-line description.
  public let summary: String
  /// The license that the publishers of the weights state.
  public let license: String
  /// The files that hold the weights. They are equivalent; the first is preferred.
  public let files: [PublishedFile]
  /// Whether Impasto ships the file; other networks must be installed first.
  public let isShipped: Bool

  package init(
    _ name: String, _ summary: String, license: String, isShipped: Bool = false,
    files: [PublishedFile]
  ) {
    self.name = name
    self.summary = summary
    self.license = license
    self.isShipped = isShipped
    self.files = files
  }

  /// Finds the model with a name.
  ///
  /// - Throws: `NetworkError.unknownModel`.
  public static func named(_ name: String) throws -> Model {
    guard let model = catalog.first(where: { $0.name == name }) else {
      throw NetworkError.unknownModel(name)
    }
    return model
  }

  /// All models of the catalog.
  public static let catalog = [
    standard, vgg16HED, vgg19, vgg16, vgg19Caffe, vgg16Caffe, vgg19Normalized, vgg19Gatys,
  ]

  private static let oxford = "CC BY 4.0 (Oxford's weights)"
  private static let huggingFace = "https://huggingface.co/"
  private static let torchvisionFolder = "https://download.pytorch.org/models/"
  private static let johnsonFolder = "https://web.eecs.umich.edu/~justincj/models/"

  /// The default network: Oxford's VGG-19 up to conv4_1, normalized as in Huang and Belongie (2017).
  public static let standard = Model(
    "vgg19-normalized-conv4_1", "Oxford's VGG-19 up to conv4_1, normalized; the default",
    license: oxford, isShipped: true,
    files: [
      PublishedFile(
        name: "vgg19-normalized-conv4_1.safetensors", addresses: [], size: 7_017_040,
        digest: .full("e00a92a8af66a5bd47af69dacbf3bacbcb3cfcd0f166ff484a803a7ef15f9c64"),
        convention: InputConvention(channelOrder: .rgb, preprocessing: .caffe))
    ])

  /// VGG-16 fine-tuned for edge detection by Xie and Tu (2015). It has all layers of Gatys, Ecker
  /// and Bethge (2015).
  public static let vgg16HED = Model(
    "vgg16-hed", "VGG-16 fine-tuned for edges (HED), with the paper's layers", license: oxford,
    isShipped: true,
    files: [
      PublishedFile(
        name: "vgg16-hed.safetensors", addresses: [], size: 29_440_160,
        digest: .full("a22cbab5878fe8d481a379573e6d1aad4472d3e478827737fef260dbf3b04946"),
        convention: InputConvention(channelOrder: .rgb, preprocessing: .caffe))
    ])

  private static let vgg19 = Model(
    "vgg19", "VGG-19 trained by torchvision", license: "BSD 3-Clause (torchvision)",
    files: [
      PublishedFile(
        name: "vgg19-dcbb9e9d.pth", addresses: [torchvisionFolder + "vgg19-dcbb9e9d.pth"],
        size: 574_673_361,
        digest: .full("dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44"),
        convention: InputConvention(.torchvision)),
      PublishedFile(
        name: "model.safetensors",
        addresses: [huggingFace + "timm/vgg19.tv_in1k/resolve/main/model.safetensors"], size: nil,
        digest: .full("11aea017b543ff59233749d8f1cf544cda749378f5790d2fedab841fb86b7669"),
        convention: InputConvention(.torchvision)),
    ])

  private static let vgg16 = Model(
    "vgg16", "VGG-16 trained by torchvision", license: "BSD 3-Clause (torchvision)",
    files: [
      PublishedFile(
        name: "vgg16-397923af.pth",
        addresses: [
          torchvisionFolder + "vgg16-397923af.pth",
          huggingFace + "Keiser41/mangaaa/resolve/main/model/vgg16-397923af.pth",
        ],
        size: 553_433_881,
        digest: .full("397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0"),
        convention: InputConvention(.torchvision)),
      PublishedFile(
        name: "model.safetensors",
        addresses: [huggingFace + "timm/vgg16.tv_in1k/resolve/main/model.safetensors"], size: nil,
        digest: .full("57b026918159a6bf9faf8405c3a551903768e7138989d9c6224a14227203fad8"),
        convention: InputConvention(.torchvision)),
    ])

  private static let vgg19Caffe = Model(
    "vgg19-caffe", "Oxford's VGG-19, which Gatys et al. used", license: oxford,
    files: [
      PublishedFile(
        name: "vgg19-d01eb7cb.pth", addresses: [johnsonFolder + "vgg19-d01eb7cb.pth"], size: nil,
        digest: .firstDigits("d01eb7cb"), convention: InputConvention(.caffe)),
      PublishedFile(
        name: "imagenet-vgg-verydeep-19.mat",
        addresses: [
          "https://www.vlfeat.org/matconvnet/models/imagenet-vgg-verydeep-19.mat",
          huggingFace
            + "spaces/Kurokabe/GANime/resolve/main/models/vgg19/imagenet-vgg-verydeep-19.mat",
        ],
        size: 534_904_783,
        digest: .full("abdb57167f82a2a1fbab1e1c16ad9373411883f262a1a37ee5db2e6fb0044695"),
        convention: InputConvention(channelOrder: .rgb, preprocessing: .caffe)),
      PublishedFile(
        name: "VGG_ILSVRC_19_layers.caffemodel",
        addresses: [
          "https://www.robots.ox.ac.uk/~vgg/software/very_deep/caffe/VGG_ILSVRC_19_layers.caffemodel"
        ],
        size: 574_671_192, digest: .unknown, convention: InputConvention(.caffe)),
    ])

  private static let vgg16Caffe = Model(
    "vgg16-caffe", "Oxford's VGG-16", license: oxford,
    files: [
      PublishedFile(
        name: "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
        addresses: [
          "https://storage.googleapis.com/tensorflow/keras-applications/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
          "https://github.com/fchollet/deep-learning-models/releases/download/v0.1/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
        ],
        size: 58_889_256,
        digest: .full("bfe5187d0a272bed55ba430631598124cff8e880b98d38c9e56c8d66032abdc1"),
        convention: InputConvention(.caffe)),
      PublishedFile(
        name: "vgg16-00b39a1b.pth", addresses: [johnsonFolder + "vgg16-00b39a1b.pth"], size: nil,
        digest: .firstDigits("00b39a1b"), convention: InputConvention(.caffe)),
    ])

  private static let vgg19Normalized = Model(
    "vgg19-normalised", "VGG-19 with mean activations of one and reflection padding (AdaIN)",
    license: "MIT (pytorch-AdaIN), from weights for academic use (DeepTextures)",
    files: [
      PublishedFile(
        name: "vgg_normalised.pth",
        addresses: [
          "https://github.com/naoto0804/pytorch-AdaIN/releases/download/v0.0.0/vgg_normalised.pth",
          huggingFace + "spaces/vkganesan/AdaIN/resolve/main/vgg_normalised.pth",
        ],
        size: 80_102_481,
        digest: .full("804ca2835ecf7539f0cd2a7ac3c18ce81e6f8468969ae7117ac0c148d286bb4a"),
        convention: InputConvention(channelOrder: .rgb, preprocessing: .caffe))
    ])

  private static let vgg19Gatys = Model(
    "vgg19-gatys", "VGG-19 published by Gatys for PyTorch", license: oxford,
    files: [
      PublishedFile(
        name: "vgg_conv.pth",
        addresses: ["https://bethgelab.org/media/uploads/pytorch_models/vgg_conv.pth"], size: nil,
        digest: .unknown, convention: InputConvention(.caffe))
    ])
}
