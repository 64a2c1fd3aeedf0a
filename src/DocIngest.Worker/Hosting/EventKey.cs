using System.Security.Cryptography;
using System.Text;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Retention;
using DocIngest.Storage;
using DocIngest.Worker.Backups;
using DocIngest.Worker.CommandLine;

namespace DocIngest.Worker.Hosting;

/// <summary>The key by which the objects of patients and cases are named, in <c>keys/event-names</c>: drawn once, 64 hexadecimal digits.</summary>
/// <remarks>Where it is lost, another is drawn: events known to the catalog go on in the objects they are in, which hold their numbers.</remarks>
internal static class EventKey
{
    private const string FileName = "event-names";

    /// <summary>Reads the key; draws it where there is none.</summary>
    /// <exception cref="CommandException">It is no such key; exit 6.</exception>
    public static async Task<EventNaming> ReadOrDrawAsync(LocalVolumes volumes, string dataPath, CancellationToken cancellation)
    {
        var keys = volumes.OpenOrCreate(Path.Combine(dataPath, DataFolder.Keys), EntryPermissions.Private);
        if (keys.Find(FileName) is null)
        {
            try
            {
                await PrivateFile.WriteNewAsync(keys, FileName, Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(2 * EventNaming.KeyBytes, lowercase: true)), cancellation);
            }
            catch (NameTakenException)
            {
                // Another process has drawn it just now: that one holds.
            }
        }

        using var reader = new StreamReader(keys.OpenRead(FileName), Encoding.ASCII);
        string text = (await reader.ReadToEndAsync(cancellation)).Trim();
        return text.Length == 2 * EventNaming.KeyBytes && text.All(char.IsAsciiHexDigit)
            ? new EventNaming(Convert.FromHexString(text))
            : throw new CommandException(
                ExitCode.EnvironmentFailed,
                $"{DataFolder.Keys}/{FileName} is damaged. Put back a copy; without one, remove it, and run 'catalog rebuild' first: events then go on in the objects they are in.");
    }
}
