using System.Security.Cryptography;
using DocIngest.Archive;
using DocIngest.Pipeline.Extraction.Linux;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Pipeline.Extraction.Renditions;

/// <summary>
/// The parent's side of files in a worker's scratch folder. The worker may be captured: it may hold a file open and change it, and
/// what stands under a name may be anything. So files are copied, never moved, and no link is followed.
/// </summary>
internal static class ScratchFile
{
    private const int BlockBytes = 128 * 1024;

    /// <summary>Puts a file into the folder for the worker to read.</summary>
    /// <returns>Its path; nobody could have foreseen it.</returns>
    /// <exception cref="ExtractionUnavailableException">It cannot be written.</exception>
    public static async Task<string> GiveAsync(string folder, Func<Stream, Task> write)
    {
        string path = Path.Combine(folder, $"given-{Guid.NewGuid():N}");
        try
        {
            await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            await write(file);
            return path;
        }
        catch (Exception error) when (error is (IOException and not Storage.StorageException) or UnauthorizedAccessException)
        {
            throw new ExtractionUnavailableException("A file could not be written into the scratch folder of an extraction worker.", error);
        }
    }

    /// <summary>Copies a file that the worker says it has made.</summary>
    /// <param name="path">In its scratch folder.</param>
    /// <param name="maxBytes">More are not taken.</param>
    /// <param name="target">Told to begin once the file is found to be one.</param>
    /// <param name="cancellation">Ends the copy.</param>
    /// <returns>Digest and length of what was copied; null where there is no such file, it is no plain one, or it has no bytes or too many.</returns>
    public static async Task<(Sha512Digest Digest, long SizeBytes)?> TakeAsync(string path, long maxBytes, Func<Stream> target, CancellationToken cancellation)
    {
        await using var source = TryOpen(path);
        if (source is null)
        {
            return null;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        byte[] block = new byte[BlockBytes];
        long copied = 0;
        await using var copy = target();
        while (await ReadAsync(source, block, cancellation) is var count && count > 0)
        {
            copied += count;
            if (copied > maxBytes)
            {
                return null;
            }

            hash.AppendData(block, 0, count);
            await copy.WriteAsync(block.AsMemory(0, count), cancellation);
        }

        return copied > 0 ? (new Sha512Digest(Convert.ToHexStringLower(hash.GetHashAndReset())), copied) : null;
    }

    /// <summary>Removes a file; what cannot be removed goes with the folder.</summary>
    public static void Remove(string path)
    {
        try
        {
#pragma warning disable RS0030 // Never durable: what lies here is worth nothing once its document has been read.
            File.Delete(path);
#pragma warning restore RS0030
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A folder of that name, made by a captured worker: it goes with the worker's own.
        }
    }

    // A disk that fails to read what was just written is a file that is not there: it can be made again.
    private static async Task<int> ReadAsync(FileStream source, byte[] block, CancellationToken cancellation)
    {
        try
        {
            return await source.ReadAsync(block, cancellation);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static FileStream? TryOpen(string path)
    {
        try
        {
            var file = OperatingSystem.IsWindows() ? OpenOnWindows(path) : OpenOnLinux(path);
            if (file is { CanSeek: false })
            {
                file.Dispose();
                return null;
            }

            return file;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    // Not blocking, so that a pipe without a writer does not hold us.
    private static FileStream? OpenOnLinux(string path)
    {
        int descriptor = LinuxNative.Open(path, LinuxNative.NoFollow | LinuxNative.NonBlocking | LinuxNative.CloseOnExec);
        return descriptor < 0 ? null : new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.Read, bufferSize: 0);
    }

    private static FileStream? OpenOnWindows(string path) => (File.GetAttributes(path) & (FileAttributes.ReparsePoint | FileAttributes.Directory)) != FileAttributes.None
        ? null
        : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
}
