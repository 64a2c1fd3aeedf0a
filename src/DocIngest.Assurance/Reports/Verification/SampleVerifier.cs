using System.Security.Cryptography;
using System.Text;
using DocIngest.Assurance.Sampling;

namespace DocIngest.Assurance.Reports;

/// <summary>Draws the sample of a report again, from the list that it was drawn from.</summary>
internal static class SampleVerifier
{
    private const int LongestId = 200;

    /// <param name="files">The files of the report.</param>
    /// <param name="report">What it says.</param>
    /// <param name="sample">How the sample was drawn, as it says.</param>
    /// <param name="drawn">Ids that were checked as drawn.</param>
    /// <exception cref="InvalidDataException">The list cannot be read.</exception>
    public static IEnumerable<ReportFault> FaultsOf(ReportZipReader files, AssuranceReport report, ReportedSample sample, HashSet<string> drawn)
    {
        if (!files.Has(ReportFileNames.Population))
        {
            yield return new ReportFault("R010", "population.txt is missing: the sample cannot be drawn again.");
            yield break;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var ids = Read(files, hash);
        if (ids.Count != report.Population.Count || Convert.ToHexStringLower(hash.GetCurrentHash()) != report.Population.ListSha256)
        {
            yield return new ReportFault("R010", "population.txt is not the list of this report.");
        }
        else if (!IsSorted(ids))
        {
            yield return new ReportFault("R010", "population.txt is not sorted, or names one twice: its order could be made to suit.");
        }
        else if (SeedOf(sample) is not { } seed || sample.Size > ids.Count || sample.Size < 0
            || !drawn.SetEquals(SampleDraw.Places(seed, ids.Count, sample.Size).Select(place => ids[(int)place])))
        {
            yield return new ReportFault("R011", "The sample is not the one that this nonce and this head of the audit draw.");
        }
    }

    private static List<string> Read(ReportZipReader files, IncrementalHash hash)
    {
        using var list = files.OpenList(ReportFileNames.Population) ?? Stream.Null;
        var ids = new List<string>();
        var line = new StringBuilder();
        byte[] buffer = new byte[64 * 1024];
        while (list.Read(buffer) is > 0 and var count)
        {
            hash.AppendData(buffer, 0, count);
            foreach (byte letter in buffer.AsSpan(0, count))
            {
                if (letter == '\n')
                {
                    ids.Add(line.ToString());
                    line.Clear();
                }
                else
                {
                    line.Append(line.Length < LongestId && letter is > (byte)' ' and < 0x7F ? (char)letter : throw new InvalidDataException("A line of population.txt is no id."));
                }
            }
        }

        return line.Length == 0 ? ids : throw new InvalidDataException("The last line of population.txt is cut off.");
    }

    private static bool IsSorted(List<string> ids)
    {
        for (int index = 1; index < ids.Count; index++)
        {
            if (string.CompareOrdinal(ids[index - 1], ids[index]) >= 0)
            {
                return false;
            }
        }

        return true;
    }

    private static SampleSeed? SeedOf(ReportedSample sample)
    {
        try
        {
            var seed = new SampleSeed(sample.Nonce, sample.AuditHead);
            return seed.Hex == sample.Seed ? seed : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
