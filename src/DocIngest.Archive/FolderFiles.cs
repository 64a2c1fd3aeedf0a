using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>Whole small files in a durable folder.</summary>
internal static class FolderFiles
{
    /// <summary>Reads a file that must not be longer than <paramref name="limitBytes"/>; null where there is none.</summary>
    /// <exception cref="RefusedEntryException">A link, device or folder.</exception>
    /// <exception cref="InvalidDataException">Longer.</exception>
    public static byte[]? TryReadWhole(this IDurableFolder folder, string path, int limitBytes)
    {
        try
        {
            using var file = folder.OpenRead(path);
            using var content = new MemoryStream();
            byte[] buffer = new byte[16 * 1024];
            for (int read; (read = file.Read(buffer)) > 0;)
            {
                if (content.Length + read > limitBytes)
                {
                    throw new InvalidDataException($"{path} is longer than {limitBytes} bytes.");
                }

                content.Write(buffer, 0, read);
            }

            return content.ToArray();
        }
        catch (EntryNotFoundException)
        {
            return null;   // absent is an answer here
        }
    }

    /// <summary>Writes a file in staging, over what an earlier attempt left under that name.</summary>
    public static void WriteWhole(this IDurableFolder folder, string path, ReadOnlySpan<byte> content)
    {
        using var file = folder.CreateAnew(path);
        file.Write(content);
    }

    /// <summary>Creates a file in staging; what an earlier attempt left under that name is removed.</summary>
    public static Stream CreateAnew(this IDurableFolder folder, string path)
    {
        try
        {
            return folder.Create(path);
        }
        catch (NameTakenException)
        {
            folder.DeleteTree(path);
            return folder.Create(path);
        }
    }
}
