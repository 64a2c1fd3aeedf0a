using DocIngest.Archive.Validation;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Runs;
using DocIngest.Storage;

namespace DocIngest.Assurance.Drills;

/// <summary>Whether what was restored is a valid OCFL storage root, every file of every version read again.</summary>
internal static class RestoredStructure
{
    private static readonly RunCheck Check = new(
        "ocfl", "The restored archive is valid OCFL 1.1: every object, every version, every file against its digest", CheckKind.Structure, "the OCFL specification, and the objects' inventories");

    /// <summary>Validates.</summary>
    /// <returns>Bytes that were read.</returns>
    public static async Task<long> RunAsync(IDurableFolder root, RunRecord record, TimeProvider time, CancellationToken cancellation)
    {
        var report = await OcflValidator.ValidateAsync(root, new ValidationOptions { Time = time }, cancellation: cancellation);
        var errors = report.Findings.Where(finding => finding.Severity == FindingSeverity.Error).ToList();
        string[] objects = [.. errors.Select(error => error.ObjectId).OfType<string>().Where(IsId).Distinct(StringComparer.Ordinal)];
        long failed = Math.Max(objects.Length, errors.Count > 0 ? 1 : 0);   // one of the root itself has no object
        string codes = string.Join(", ", errors.Select(error => error.Code).Distinct().Order(StringComparer.Ordinal));
        record.CloseCounted(
            Check, Math.Max(0, report.Objects - failed), failed,
            $"The restored archive is not valid ({codes}). Compare with 'docingest archive validate' on the archive itself: if that is valid, the backup is damaged.", objects);
        return report.Bytes;
    }

    // Ids come from what was restored: of an attacker, perhaps. Only those of a form that is ours go into a report.
    private static bool IsId(string id) => id.Length < 120 && id.StartsWith("urn:", StringComparison.Ordinal) && id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is ':' or '-');
}
