using System.Security.Cryptography;
using DocIngest.Storage;

namespace DocIngest.Assurance.Reports;

/// <summary>Compares the list of items with what the report says of it.</summary>
internal static class ItemsVerifier
{
    /// <param name="files">The files of the report.</param>
    /// <param name="report">What it says.</param>
    /// <param name="drawn">Gets the ids of what was drawn at random.</param>
    /// <exception cref="InvalidDataException">The list cannot be read.</exception>
    public static IEnumerable<ReportFault> FaultsOf(ReportZipReader files, AssuranceReport report, HashSet<string> drawn)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        var counts = new Dictionary<string, ItemCounts>(StringComparer.Ordinal);
        var checkedOnes = new HashSet<string>(StringComparer.Ordinal);
        var failed = new HashSet<string>(StringComparer.Ordinal);
        long lines = 0;
        using (var list = files.OpenList(ReportFileNames.Items) ?? Stream.Null)
        using (var hashed = new HashedStream(list, hash))
        {
            foreach (var item in ReportItemsReader.Read(hashed))
            {
                lines++;
                counts[item.Check] = counts.GetValueOrDefault(item.Check).With(item.Result);
                if (item.Drawn)
                {
                    drawn.Add(item.Object);
                    if (item.Result != ItemResult.Skipped)
                    {
                        checkedOnes.Add(item.Object);
                    }

                    if (item.Result == ItemResult.Failed)
                    {
                        failed.Add(item.Object);
                    }
                }
            }
        }

        if (lines != report.Items.Count || Convert.ToHexStringLower(hash.GetCurrentHash()) != report.Items.Sha512)
        {
            yield return new ReportFault("R008", "items.jsonl is not the list of this report.");
        }

        foreach (var check in report.Checks.Where(check => check.HasItems && counts.GetValueOrDefault(check.Id) != new ItemCounts(check.Passed, check.Failed, check.Skipped)))
        {
            yield return new ReportFault("R009", $"{check.Id}: the report counts otherwise than its list of items.");
        }

        if (report.Sample is not null && report.Bound is { } bound && (bound.Failed != failed.Count || bound.Sampled != checkedOnes.Count))
        {
            yield return new ReportFault("R009", "The statement about all counts others than the list of items: what was skipped was not checked.");
        }
    }

    private sealed class HashedStream(Stream inner, IncrementalHash hash) : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer)
        {
            int count = inner.Read(buffer);
            hash.AppendData(buffer[..count]);
            return count;
        }
    }
}
