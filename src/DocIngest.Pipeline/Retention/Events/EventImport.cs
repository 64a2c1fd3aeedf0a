using Microsoft.Extensions.Logging;

namespace DocIngest.Pipeline.Retention;

/// <summary>How an import ended. The four kinds of lines add up to <paramref name="Lines"/>.</summary>
/// <param name="Lines">Lines after the heading that hold anything.</param>
/// <param name="Added">Recorded.</param>
/// <param name="Known">Known before; nothing changed.</param>
/// <param name="Refused">Not recorded; each was reported.</param>
public sealed record ImportSums(int Lines, int Added, int Known, int Refused);

/// <summary>Records the events of a file, some ten thousand lines at a time, whatever its size.</summary>
/// <param name="store">Where to.</param>
/// <param name="rules">What events there may be.</param>
/// <param name="logger">Events 1020 to 1029.</param>
public sealed class EventImport(EventStore store, EventRules rules, ILogger logger)
{
    /// <summary>Lines that are recorded together: a patient gets one version for all of his that stand in them.</summary>
    public const int LinesAtOnce = 50_000;

    private const int MostCharacters = 4_096;

    /// <summary>Records a file. Importing it again changes nothing; after a crash or an error that is how the rest is recorded.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="onRefused">Told of each line that is not recorded: its number in the file and why, without anything of a person.</param>
    /// <param name="cancellation">Heeded between objects.</param>
    /// <exception cref="EventFileException">The heading is wrong. Nothing was recorded.</exception>
    /// <inheritdoc cref="EventStore.RecordAsync" path="/exception" />
    public async Task<ImportSums> ImportAsync(TextReader reader, Action<int, string> onRefused, CancellationToken cancellation)
    {
        using var lines = new BoundedLines(reader, MostCharacters).Read().GetEnumerator();
        if (!lines.MoveNext() || string.IsNullOrWhiteSpace(lines.Current))
        {
            throw new EventFileException(["has no heading in its first line"]);
        }

        var parser = EventLineReader.WithHeading(lines.Current, rules, out var faults) ?? throw new EventFileException(faults);
        var sums = new ImportSums(0, 0, 0, 0);
        var chunk = new List<(int Number, EventLine Line)>();
        for (int number = 2; lines.MoveNext(); number++)
        {
            if (lines.Current is { } text && string.IsNullOrWhiteSpace(text))
            {
                continue;
            }

            var (line, fault) = lines.Current is null ? (null, $"has more than {MostCharacters:N0} characters") : parser.Read(lines.Current);
            sums = sums with { Lines = sums.Lines + 1 };
            if (line is null)
            {
                onRefused(number, fault ?? "cannot be read");
                sums = sums with { Refused = sums.Refused + 1 };
                continue;
            }

            chunk.Add((number, line));
            if (chunk.Count == LinesAtOnce)
            {
                sums = await RecordAsync(chunk, sums, onRefused, cancellation);
                chunk.Clear();
            }
        }

        sums = await RecordAsync(chunk, sums, onRefused, cancellation);
        logger.EventsImported(sums.Lines, sums.Added, sums.Known, sums.Refused);
        return sums;
    }

    private async Task<ImportSums> RecordAsync(List<(int Number, EventLine Line)> chunk, ImportSums sums, Action<int, string> onRefused, CancellationToken cancellation)
    {
        if (chunk.Count == 0)
        {
            return sums;
        }

        var outcomes = await store.RecordAsync([.. chunk.Select(one => one.Line)], EventSource.Import, cancellation);
        for (int at = 0; at < outcomes.Count; at++)
        {
            sums = outcomes[at] switch
            {
                EventOutcome.Added => sums with { Added = sums.Added + 1 },
                EventOutcome.Known => sums with { Known = sums.Known + 1 },
                EventOutcome.Refused => sums with { Refused = sums.Refused + 1 },
                _ => throw new System.Diagnostics.UnreachableException(),
            };
            if (outcomes[at] is EventOutcome.Refused refused)
            {
                onRefused(chunk[at].Number, refused.Why);
            }
        }

        return sums;
    }
}

/// <summary>A file is no file of events. Nothing was recorded.</summary>
/// <param name="faults">Everything that is wrong, as in "the file has …".</param>
public sealed class EventFileException(IReadOnlyList<string> faults) : Exception($"The file {string.Join("; ", faults)}.");
