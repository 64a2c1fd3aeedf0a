using DocIngest.Archive;
using DocIngest.Archive.Validation;
using DocIngest.Assurance.Population;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Runs;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;

namespace DocIngest.Assurance.Drills;

/// <summary>Changes one bit of a restored file on purpose, and lets the same checks look again: a drill that does not find it would find nothing else either.</summary>
internal static class Canary
{
    /// <summary>The check's short name.</summary>
    public const string Id = "canary";

    private const int CopiedAtOnce = 128 * 1024;

    private static readonly RunCheck Check = new(Id, "A bit changed on purpose in a restored document is found, by the comparison with the audit and by the validation", CheckKind.Canary, "what was changed");

    /// <summary>Damages and looks. The restored archive is not to be used after this.</summary>
    /// <param name="folder">The folder that the restored archive is in.</param>
    /// <param name="restored">The restored archive.</param>
    /// <param name="objectFolder">The folder of an object.</param>
    /// <param name="sound">What was found to be as it should be.</param>
    /// <param name="record">Takes the result.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Heeded while the file is read.</param>
    public static async Task RunAsync(
        IDurableFolder folder, IArchive restored, Func<OcflObject, IDurableFolder> objectFolder, IReadOnlyList<RestoredOriginal> sound, RunRecord record, TimeProvider time, CancellationToken cancellation)
    {
        if (sound.FirstOrDefault(original => original.Bytes > 0) is not { } victim)
        {
            Skip(record);
            return;
        }

        Damage(folder, victim.File.ContentPath);
        bool isFound = IsFoundByComparison(folder, restored, victim, time, cancellation)
            && !(await OcflValidator.ValidateObjectAsync(objectFolder(victim.Object), new ValidationOptions { Time = time }, cancellation: cancellation)).IsValid;
        record.Add(Check.Id, Id, isFound ? ItemResult.Passed : ItemResult.Failed, note: isFound ? null : "not-found");
        Close(record);
    }

    /// <summary>Notes that it could not be done.</summary>
    public static void Skip(RunRecord record)
    {
        record.Add(Check.Id, Id, ItemResult.Skipped, note: "nothing-sound");
        Close(record);
    }

    private static void Close(RunRecord record) => record.CloseListed(
        Check, 1, "There was no sound document to damage.",
        "The drill did not find damage that it made itself: nothing that it says is worth anything. Report this to whoever makes this program.", []);

    // Into a record of its own: what is found of the canary is no result of the drill.
    private static bool IsFoundByComparison(IDurableFolder folder, IArchive restored, RestoredOriginal victim, TimeProvider time, CancellationToken cancellation)
    {
        using var items = new ReportItemsWriter(Stream.Null);
        var aside = new RunRecord(items, static _ => false, 0, time);
        new RestoredRecords(folder, restored, aside).Run([KeyValuePair.Create<RecordId, ExpectedRecord>(victim.Id, victim.Expected)], static _ => false, cancellation);
        return aside.Checks is [{ Failed: 1 }];
    }

    private static void Damage(IDurableFolder folder, string path)
    {
        string changed = path + ".canary";
        long at = (folder.Find(path)?.Stamp.SizeBytes ?? 0) / 2;
        using (var source = folder.OpenRead(path))
        using (var target = folder.Create(changed))
        {
            byte[] buffer = new byte[CopiedAtOnce];
            for (long position = 0; source.Read(buffer) is > 0 and var count; position += count)
            {
                if (at >= position && at < position + count)
                {
                    buffer[at - position] ^= 1;
                }

                target.Write(buffer, 0, count);
            }
        }

        folder.Replace(changed, path);
    }
}
