import Files
@_exported import NetworkStore

@_exported import enum Engine.Padding
@_exported import enum Engine.Pooling
@_exported import struct Engine.Tensor
// Re-exports the types in Impasto's public API, so that clients need a single import.
@_exported import struct ModelFiles.ModelFile
@_exported import enum ModelFiles.ModelFileError
@_exported import enum ModelFiles.ModelFormat
@_exported import enum ModelFiles.WeightPrecision
@_exported import struct Networks.Architecture
@_exported import class Networks.FeatureNetwork
@_exported import struct Networks.InputConvention
@_exported import struct Networks.Layer
@_exported import struct Networks.Model
@_exported import enum Networks.NetworkError
@_exported import enum Networks.Precision
@_exported import struct Networks.Preprocessing
@_exported import struct Networks.PublishedFile
@_exported import struct Networks.StylizerNetwork
@_exported import struct Networks.VGGWeights
@_exported import enum Pictures.ColorMethod
@_exported import enum Pictures.FilmContainer
@_exported import struct Pictures.FilmEncoding
@_exported import enum Pictures.FilmError
@_exported import struct Pictures.FilmFile
@_exported import struct Pictures.Margins
@_exported import struct Pictures.Mask
@_exported import struct Pictures.Picture
@_exported import struct Pictures.PictureEncoding
@_exported import enum Pictures.PictureError
@_exported import struct Pictures.PictureFile
@_exported import enum Pictures.PictureFormat
@_exported import struct Pictures.PixelSize
@_exported import struct Pictures.Ratio
