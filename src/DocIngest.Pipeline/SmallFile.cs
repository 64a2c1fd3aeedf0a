using DocIngest.Storage;

namespace DocIngest.Pipeline;

/// <summary>Files that are read whole, and written once.</summary>
internal static class SmallFile
{
    /// <summary>The bytes of a file; null where there is none, or one that is larger than it may be.</summary>
    public static byte[]? Read(IDurableFolder data, string path, int largestBytes)
    {
        if (data.Find(path) is not { Kind: EntryKind.File } found || found.Stamp.SizeBytes > largestBytes)
        {
            return null;
        }

        using var file = data.OpenRead(path);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>Writes a file, durably, over the one that is there: whole under its name, or the former one.</summary>
    /// <param name="data">The folder. One writer of a name at a time.</param>
    /// <param name="path">The file.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="cancellation">Gives up before it has its name.</param>
    /// <exception cref="StorageException">It may be the former one still. Repeat.</exception>
    public static async Task PutAsync(IDurableFolder data, string path, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        string part = path + ".part";
        data.Delete(part);
        using (var file = data.Create(part))
        {
            file.Write(content.Span);
        }

        await data.FlushAsync(cancellation);   // before it is renamed
        data.Replace(part, path);
        await data.FlushAsync(cancellation);
    }

    /// <summary>Writes a file that never changes, durably; one that is there stays as it is.</summary>
    /// <param name="data">The folder. One writer of a name at a time.</param>
    /// <param name="path">The file; its folder is made where it is missing.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="cancellation">Gives up before it has its name.</param>
    /// <exception cref="StorageException">It may not be there. Repeat.</exception>
    /// <remarks>(1) bytes under another name, (2) flushed, (3) renamed, never over another, (4) flushed. A crash before 3 leaves a <c>.part</c> file, which the next writing of the same name removes.</remarks>
    public static async Task WriteOnceAsync(IDurableFolder data, string path, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        string part = path + ".part";
        data.CreateFolder(path[..path.LastIndexOf('/')]);
        if (data.Find(path) is null)
        {
            data.Delete(part);
            using (var file = data.Create(part))
            {
                file.Write(content.Span);   // 1
            }

            await data.FlushAsync(cancellation);   // 2
            data.Move(part, path);   // 3
        }

        await data.FlushAsync(CancellationToken.None);   // 4; also of one that a crash left unflushed
    }
}
