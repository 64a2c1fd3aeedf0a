namespace DocIngest.Pipeline.Extraction.Child;

/// <summary>The command line of a worker, behind <c>extract-worker</c>.</summary>
internal sealed record WorkerArguments
{
    /// <summary>Set by a worker on its own second start: what its first start has enforced.</summary>
    public const string ConfinedFlag = "--confined";

    /// <summary>Managed memory it may use. Default 768 MiB.</summary>
    public long HeapLimitBytes { get; private init; } = 768L << 20;

    /// <summary>Folders it may read documents in.</summary>
    public IReadOnlyList<string> ReadableFolders { get; private init; } = [];

    /// <summary>The one folder it may write in; null without OCR.</summary>
    public string? ScratchFolder { get; private init; }

    /// <summary>Programs it may start.</summary>
    public IReadOnlyList<string> Programs { get; private init; } = [];

    /// <summary>Null on the first start.</summary>
    public IReadOnlyList<string>? Enforced { get; private init; }

    /// <summary>Say what this worker could do, read nothing, and end.</summary>
    public bool IsProbe { get; private init; }

    /// <summary>For the probe: a file it must not be able to read.</summary>
    public string? ForbiddenFile { get; private init; }

    /// <summary>Reads a command line.</summary>
    /// <returns>Null where it is not one of ours.</returns>
    public static WorkerArguments? Parse(ReadOnlySpan<string> arguments)
    {
        var parsed = new WorkerArguments();
        while (!arguments.IsEmpty)
        {
            switch (arguments)
            {
                case ["--probe", ..]:
                    parsed = parsed with { IsProbe = true };
                    arguments = arguments[1..];
                    continue;
                case ["--read", var folder, ..]:
                    parsed = parsed with { ReadableFolders = [.. parsed.ReadableFolders, folder] };
                    break;
                case ["--scratch", var folder, ..]:
                    parsed = parsed with { ScratchFolder = folder };
                    break;
                case ["--program", var program, ..]:
                    parsed = parsed with { Programs = [.. parsed.Programs, program] };
                    break;
                case ["--heap-limit", var bytes, ..] when long.TryParse(bytes, out long limit) && limit > 0:
                    parsed = parsed with { HeapLimitBytes = limit };
                    break;
                case ["--forbidden", var file, ..]:
                    parsed = parsed with { ForbiddenFile = file };
                    break;
                case [ConfinedFlag, var enforced, ..]:
                    parsed = parsed with { Enforced = enforced.Split(',', StringSplitOptions.RemoveEmptyEntries) };
                    break;
                default:
                    return null;
            }

            arguments = arguments[2..];
        }

        return parsed;
    }
}
