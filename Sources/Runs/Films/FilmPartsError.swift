/// A problem with the parts of a film.
public enum FilmPartsError: Error, Sendable, CustomStringConvertible {
  case exists(folder: String)
  case nothing(output: String, folder: String)
  case different(folder: String)
  case damaged(folder: String)
  case missing(folder: String, shard: Shard)
  case noShards(folder: String)

  public var description: String {
    switch self {
    case .exists(let folder):
      "\(folder): has parts of an earlier film; continue it with --resume, or remove the folder."
    case .nothing(let output, let folder):
      "\(output): there are no parts to continue from in \(folder)."
    case .different(let folder):
      "\(folder): its parts were made with other settings or files; give the same ones, or remove the folder."
    case .damaged(let folder): "\(folder): its parts are damaged; remove the folder."
    case .missing(let folder, let shard):
      "\(folder): shard \(shard) is missing or not complete."
    case .noShards(let folder):
      "\(folder): does not have the shards of one film; make them with --shard 1/N to N/N."
    }
  }
}
