using DocIngest.Archive;
using DocIngest.Assurance.Reports;
using DocIngest.Storage;

namespace DocIngest.Assurance.Drills;

/// <summary>Changes one bit of a restored file on purpose: a drill that does not find it would find nothing else either.</summary>
internal static class Canary
{
    private const int CopiedAtOnce = 128 * 1024;

    private static readonly DrillCheck Check = new("canary", "A bit changed on purpose in a restored document is found", CheckKind.Canary, "what was changed");

    /// <summary>Damages and looks. The restored archive is not to be used after this.</summary>
    /// <param name="folder">The folder that the restored archive is in.</param>
    /// <param name="restored">The restored archive.</param>
    /// <param name="sound">What was found to be as it should be.</param>
    /// <param name="record">Takes the result.</param>
    /// <param name="cancellation">Heeded while the file is read.</param>
    public static void Run(IDurableFolder folder, IArchive restored, IReadOnlyList<RestoredOriginal> sound, DrillRecord record, CancellationToken cancellation)
    {
        if (sound.FirstOrDefault(original => original.Bytes > 0) is not { } victim)
        {
            record.Add(Check.Id, "canary", ItemResult.Skipped, note: "nothing-sound");
        }
        else
        {
            Damage(folder, victim.File.ContentPath);
            bool isFound = !restored.Verify(victim.Id.ToString(), victim.Version, cancellation).IsSound;
            record.Add(Check.Id, "canary", isFound ? ItemResult.Passed : ItemResult.Failed, note: isFound ? null : "not-found");
        }

        record.CloseListed(
            Check, 1, "There was no sound document to damage.",
            "The drill did not find damage that it made itself: nothing that it says is worth anything. Report this to whoever makes this program.", []);
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
