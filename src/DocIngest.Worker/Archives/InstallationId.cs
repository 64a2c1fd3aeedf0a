using System.Text;
using DocIngest.Pipeline;
using DocIngest.Storage;

namespace DocIngest.Worker.Archives;

/// <summary>What a data folder is called towards an archive that others could reach, too: <c>locks/installation</c>, drawn once, and never backed up, so that a restored data folder is another.</summary>
/// <remarks>
/// Its second line names the file itself, as the file system knows it: in a copy of the data folder that is another file, so the copy has no id, and draws one of its own. A clone of the whole
/// disk is not told by that. Files of earlier versions have one line, and get the second when the folder next writes.
/// </remarks>
internal static class InstallationId
{
    private const string FileName = "installation";
    private const string PathInData = $"{DataFolder.Locks}/{FileName}";
    private const int GuidLength = 36;
    private const int MostCharacters = 512;

    /// <summary>The id; null where none was drawn yet, or the file is a copy of another data folder's.</summary>
    /// <exception cref="StorageUnavailableException">The file holds something else.</exception>
    public static Guid? Find(IDurableFolder data) => Read(data) is { } read && (read.File is null || read.File == FileAt(data, PathInData)) ? read.Id : null;

    private static (Guid Id, string? File)? Read(IDurableFolder data)
    {
        try
        {
            using var reader = new StreamReader(data.OpenRead(PathInData), Encoding.ASCII);
            char[] text = new char[MostCharacters];
            string[] lines = new string(text, 0, reader.ReadBlock(text)).Split('\n');
            return Guid.TryParseExact(lines[0], "D", out var id)
                ? (id, lines.Length > 1 && lines[1].Length > 0 ? lines[1] : null)
                : throw new StorageUnavailableException($"{data.DisplayName}/{PathInData} holds no id. Delete it, and take the archive over with 'docingest archive adopt'.");
        }
        catch (EntryNotFoundException)
        {
            return null;
        }
    }

    // Without the device, whose number may change with a restart: what is left is the file's own number and, where the file system keeps it, the moment it was made.
    private static string? FileAt(IDurableFolder data, string path) =>
        data.Find(path)?.Stamp.FileId is { } file ? file[(file.IndexOf(':') + 1)..] : null;

    /// <summary>The id; drawn where there is none. Durable when this returns: the archive will name it as its owner.</summary>
    public static async Task<Guid> FindOrDrawAsync(IDurableFolder data, CancellationToken cancellation)
    {
        if (Read(data) is { } read && (read.File is null || read.File == FileAt(data, PathInData)))
        {
            if (read.File is null)
            {
                await PlaceAsync(data, read.Id, cancellation);   // by an earlier version of this program
            }

            return read.Id;
        }

        await PlaceAsync(data, Guid.NewGuid(), cancellation);
        return Find(data) ?? throw new StorageUnavailableException($"{data.DisplayName}/{PathInData} vanished while it was written.");
    }

    private static async Task PlaceAsync(IDurableFolder data, Guid id, CancellationToken cancellation)
    {
        string part = $"{DataFolder.Locks}/.{FileName}-{Guid.NewGuid():N}";
        data.CreateFolder(DataFolder.Locks);
        await using (var file = data.Create(part))
        {
            await file.WriteAsync(Encoding.ASCII.GetBytes($"{id:D}\n{FileAt(data, part)}\n"), cancellation);   // 1
        }

        await data.FlushAsync(cancellation);   // 2
        try
        {
            if (Read(data) is null)
            {
                data.Move(part, PathInData);   // 3
            }
            else
            {
                data.Replace(part, PathInData);   // 3: of a copy, or of an earlier version
            }
        }
        catch (NameTakenException)
        {
            data.Delete(part);   // another process was faster: its id holds
        }

        await data.FlushAsync(CancellationToken.None);   // 4
    }
}
