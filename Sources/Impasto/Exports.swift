@_exported import enum ModelFiles.ModelFileError
// The lower rooms' types that the API shows, so that one import is enough.
@_exported import struct ModelFiles.SafetensorsFile
@_exported import struct Networks.Architecture
@_exported import class Networks.FeatureNetwork
@_exported import struct Networks.Layer
@_exported import struct Networks.Model
@_exported import enum Networks.NetworkError
@_exported import struct Networks.Preprocessing
@_exported import struct Pictures.Picture
@_exported import struct Pictures.PictureEncoding
@_exported import enum Pictures.PictureError
@_exported import struct Pictures.PictureFile
@_exported import enum Pictures.PictureFormat
@_exported import struct Pictures.PixelSize
@_exported import enum Tensors.Padding
@_exported import enum Tensors.Pooling
@_exported import struct Tensors.Tensor
