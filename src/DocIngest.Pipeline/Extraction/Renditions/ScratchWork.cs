using DocIngest.Archive;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Renditions;

/// <summary>Something a worker makes in its scratch folder.</summary>
/// <param name="OutputName">Under this name.</param>
/// <param name="MaxBytes">A larger file is not taken.</param>
/// <param name="Give">Writes what the worker needs for it.</param>
/// <param name="Ask">The request, knowing where that lies.</param>
/// <param name="Target">Begins the copy.</param>
internal sealed record ScratchWork(string OutputName, long MaxBytes, Func<Stream, Task> Give, Func<string, WorkerRequest> Ask, Func<Stream> Target);

/// <summary>What became of it.</summary>
/// <param name="File">Digest and length of the copy; null where there is none.</param>
/// <param name="End">How the last try ended.</param>
/// <param name="Tools">Those that took part.</param>
internal sealed record ScratchResult((Sha512Digest Digest, long SizeBytes)? File, ReadingEnd End, IReadOnlyList<ToolVersion> Tools);
