using System.Security.Cryptography;
using System.Text;
using DocIngest.Backup;
using DocIngest.Backup.Keys;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Worker.CommandLine;

namespace DocIngest.Worker.Backups;

/// <summary>The file that opening an escrow gave: the master key in the clear.</summary>
internal static class EscrowKeyFile
{
    private const int MaxBytes = 64 * 1024;   // a hundred and fifty in fact
    private const string SealedMark = "-----BEGIN CMS";

    /// <summary>Opens a repository with it.</summary>
    /// <exception cref="CommandException">It holds no master key, or that of another repository; exit 2.</exception>
    public static async Task<Repository> OpenAsync(IRepositoryStore store, string path, CancellationToken cancellation)
    {
        byte[] content = await ReadAsync(path, cancellation);
        try
        {
            return await Repository.OpenAsync(store, KeyEscrow.Read(content), cancellation);
        }
        catch (InvalidDataException)
        {
            bool isSealed = content.AsSpan().IndexOf(Encoding.ASCII.GetBytes(SealedMark)) >= 0;
            throw new CommandException(ExitCode.Usage, isSealed
                ? $"{path} is still sealed. Open it first: openssl cms -decrypt -inkey KEY.pem -in {path} -out master-key.json"
                : $"{path} holds no master key: it should be the JSON that 'openssl cms -decrypt' gave.");
        }
        catch (DamagedRepositoryException error) when (error.Kind is FileKind.Config)
        {
            throw new CommandException(
                ExitCode.Usage, $"The master key in {path} does not open {store.DisplayName}: it is that of another repository, or the file config there is damaged.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private static async Task<byte[]> ReadAsync(string path, CancellationToken cancellation)
    {
        try
        {
            await using var file = File.OpenRead(path);
            byte[] content = new byte[MaxBytes];
            int length = await file.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancellation);
            byte[] read = content[..length];
            CryptographicOperations.ZeroMemory(content);
            return read;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandException(ExitCode.Usage, $"There is no key file {path}.");
        }
    }
}
