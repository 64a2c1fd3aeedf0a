using System.Text;
using DocIngest.Pipeline;
using DocIngest.Storage;

namespace DocIngest.Worker.Archives;

/// <summary>What a data folder is called towards an archive that others could reach, too: <c>locks/installation</c>, drawn once, and never backed up, so that a restored data folder is another.</summary>
internal static class InstallationId
{
    private const string FileName = "installation";
    private const string PathInData = $"{DataFolder.Locks}/{FileName}";
    private const int GuidLength = 36;

    /// <summary>The id; null where none was drawn yet.</summary>
    /// <exception cref="StorageUnavailableException">The file holds something else.</exception>
    public static Guid? Find(IDurableFolder data)
    {
        try
        {
            using var reader = new StreamReader(data.OpenRead(PathInData), Encoding.ASCII);
            char[] text = new char[GuidLength];
            int length = reader.ReadBlock(text);
            return Guid.TryParseExact(text.AsSpan(0, length), "D", out var id)
                ? id
                : throw new StorageUnavailableException($"{data.DisplayName}/{PathInData} holds no id. Delete it, and take the archive over with 'docingest archive adopt'.");
        }
        catch (EntryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The id; drawn where there is none. Durable when this returns: the archive will name it as its owner.</summary>
    public static async Task<Guid> FindOrDrawAsync(IDurableFolder data, CancellationToken cancellation)
    {
        if (Find(data) is { } drawn)
        {
            return drawn;
        }

        string part = $"{DataFolder.Locks}/.{FileName}-{Guid.NewGuid():N}";
        data.CreateFolder(DataFolder.Locks);
        await using (var file = data.Create(part))
        {
            await file.WriteAsync(Encoding.ASCII.GetBytes($"{Guid.NewGuid():D}\n"), cancellation);   // 1
        }

        await data.FlushAsync(cancellation);   // 2
        try
        {
            data.Move(part, PathInData);   // 3
        }
        catch (NameTakenException)
        {
            data.Delete(part);   // another process was faster: its id holds
        }

        await data.FlushAsync(CancellationToken.None);   // 4
        return Find(data) ?? throw new StorageUnavailableException($"{data.DisplayName}/{PathInData} vanished while it was written.");
    }
}
