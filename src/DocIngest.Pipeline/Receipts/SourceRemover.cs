using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Receipts;

/// <summary>Removes a filed scan's file from its drop folder, and never anything else (DESIGN 4, Removing the source).</summary>
/// <remarks>
/// Crash points: before 1 nothing happened; between 1 and 3 the file stands aside under a name that holds its scan id, and the
/// next look through the folder calls <see cref="FinishAside"/>; after 3 the ledger still says <c>present</c> and the next
/// attempt finds nothing, which is <see cref="SourceState.Gone"/> or, with the same meaning, removed.
/// </remarks>
internal static class SourceRemover
{
    // Together with ".returned-12345" within the 255 bytes of a name.
    private const int MaxStemBytes = 220;
    private const int MaxExtensionBytes = 16;

    /// <summary>Removes the source of a closed claim.</summary>
    /// <returns>
    /// <see cref="SourceState.Removed"/>; <see cref="SourceState.Gone"/> where the path is empty or holds another file or other bytes
    /// now; <see cref="SourceState.Present"/> where somebody still has it open for writing: try again later.
    /// </returns>
    /// <exception cref="StorageUnavailableException">The folder cannot be changed. The file is at its place, or aside.</exception>
    public static SourceState Remove(DropFolder folder, Claim claim)
    {
        string path = folder.Relative(claim);
        string aside = DropFolder.AsidePath(path, claim.Id);
        if (folder.Folder.Find(path) is not { Kind: EntryKind.File } found || found.Stamp != claim.Stamp)
        {
            return folder.Folder.Find(aside) is null ? GoneFrom(folder, claim) : FinishAside(folder, claim, aside);
        }

        try
        {
            folder.Folder.Move(path, aside);                                            // 1: out of the way of new scans of this name
        }
        catch (EntryNotFoundException)
        {
            return SourceState.Gone;
        }

        return FinishAside(folder, claim, aside);
    }

    // A crash between 3 and the companions leaves these; without their scan they would only alarm.
    private static SourceState GoneFrom(DropFolder folder, Claim claim)
    {
        RemoveCompanions(folder, claim, mayBeNew: true);
        return SourceState.Gone;
    }

    /// <summary>Ends a removal at a name set aside: deletes what was claimed, gives back anything else.</summary>
    public static SourceState FinishAside(DropFolder folder, Claim claim, string aside)
    {
        if (folder.Folder.Find(aside) is not { } found)
        {
            return SourceState.Gone;
        }

        bool unchanged = found.Stamp == claim.Stamp;                                    // 2: nobody can open it by its old name now
        if (!unchanged || folder.Folder.ProbeWriter(aside) == WriterProbe.Writer)
        {
            GiveBack(folder, folder.Relative(claim), aside);
            return unchanged ? SourceState.Present : SourceState.Gone;
        }

        folder.Folder.Delete(aside);                                                    // 3
        RemoveCompanions(folder, claim, mayBeNew: folder.Folder.Find(folder.Relative(claim)) is not null);
        return SourceState.Removed;
    }

    /// <summary>Renames a file set aside back to its name, or to a free one like it; never over another file.</summary>
    public static void GiveBack(DropFolder folder, string path, string aside)
    {
        string name = DropFolder.NameOf(path);
        string extension = Path.GetExtension(name) is var own && RawName.ToBytes(own).Length <= MaxExtensionBytes ? own : "";
        string stem = path[..^name.Length] + Shorten(name[..^extension.Length]);
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                folder.Folder.Move(aside, attempt == 0 ? path : $"{stem}.returned-{attempt}{extension}");
                return;
            }
            catch (NameTakenException)
            {
                // Somebody dropped the same name meanwhile: that one keeps it.
            }
            catch (EntryNotFoundException) when (folder.Folder.Find(aside) is null)
            {
                return;   // somebody took it away: nothing to give back
            }
        }
    }

    private static string Shorten(string stem)
    {
        byte[] bytes = RawName.ToBytes(stem);
        return bytes.Length <= MaxStemBytes ? stem : RawName.FromBytes(bytes.AsSpan(0, MaxStemBytes));
    }

    private static void RemoveCompanions(DropFolder folder, Claim claim, bool mayBeNew)
    {
        string path = folder.Relative(claim);
        string sidecar = DropFolder.SidecarPath(path);
        string done = DropFolder.DonePath(path);
        if (claim.SidecarJson is { } claimed && IsOurs(folder.FindCompanion(sidecar)) && SidecarFile.Read(folder, path) == claimed)
        {
            folder.Folder.Delete(sidecar);
        }

        if (folder.Profile.DoneFile && IsOurs(folder.FindCompanion(done)))
        {
            folder.Folder.Delete(done);
        }

        // Where the scanner may use the name again already, only what was there when this scan was claimed is this one's.
        bool IsOurs(FolderEntry? companion) => companion is not null
            && (!mayBeNew || companion.Stamp.WriteTimeNanoseconds <= claim.ClaimedAt.ToUnixTimeMilliseconds() * 1_000_000);
    }
}
