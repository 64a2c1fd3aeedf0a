using System.Security.Cryptography;
using System.Text.Json;

namespace DocIngest.Assurance.Reports;

/// <summary>Writes the list of items, and counts. Used by one caller at a time.</summary>
/// <param name="file">Where to; not closed here.</param>
public sealed class ReportItemsWriter(Stream file) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
    private readonly Dictionary<string, ItemCounts> _counts = new(StringComparer.Ordinal);
    private long _lines;

    /// <summary>Adds one.</summary>
    public void Add(ReportItem item)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(item, ReportItemJson.Instance.ReportItem), (byte)'\n'];
        file.Write(line);
        _hash.AppendData(line);
        _lines++;
        _counts[item.Check] = _counts.GetValueOrDefault(item.Check).With(item.Result);
    }

    /// <summary>What there is of a check so far.</summary>
    public ItemCounts CountsOf(string check) => _counts.GetValueOrDefault(check);

    /// <summary>What the report says of the list.</summary>
    public ReportedItems ToReported() => new(_lines, Convert.ToHexStringLower(_hash.GetCurrentHash()));

    /// <inheritdoc />
    public void Dispose() => _hash.Dispose();
}

/// <summary>How many items of a check passed, failed or were skipped.</summary>
public readonly record struct ItemCounts(long Passed, long Failed, long Skipped)
{
    internal ItemCounts With(ItemResult result) => result switch
    {
        ItemResult.Passed => this with { Passed = Passed + 1 },
        ItemResult.Failed => this with { Failed = Failed + 1 },
        ItemResult.Skipped => this with { Skipped = Skipped + 1 },
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
