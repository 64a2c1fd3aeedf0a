using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using DocIngest.Pipeline;
using DocIngest.Storage;

namespace DocIngest.Worker.Backups;

/// <summary>Passwords that this program draws, and the one of the repository in the data folder, in <c>keys/backup-password</c>.</summary>
internal static class GeneratedPassword
{
    private const string FileName = "backup-password";
    private const string Letters = "abcdefghijkmnpqrstuvwxyz23456789";   // 32, none to be taken for another when copied by hand
    private const int Groups = 8;
    private const int GroupLength = 5;   // 8 * 5 letters of 5 bits: 200 bits
    private const int Length = (Groups * (GroupLength + 1)) - 1;

    private static readonly SearchValues<byte> LettersAsBytes = SearchValues.Create(Encoding.ASCII.GetBytes(Letters));

    /// <summary>The file of the one in the data folder.</summary>
    public static string PathIn(string dataPath) => Path.Combine(dataPath, DataFolder.Keys, FileName);

    /// <summary>The one in the data folder.</summary>
    public static PasswordReference ReferenceIn(string dataPath) => new PasswordReference.InFile(PathIn(dataPath));

    /// <summary>Draws the one of the data folder, unless there is one already.</summary>
    /// <remarks>It is durable when this returns: a repository whose password is lost in a power cut would be lost with it.</remarks>
    public static async Task EnsureAsync(LocalVolumes volumes, string dataPath, CancellationToken cancellation)
    {
        volumes.OpenOrCreate(dataPath);   // with the permissions of a data folder, not those of keys
        var keys = volumes.OpenOrCreate(Path.Combine(dataPath, DataFolder.Keys), EntryPermissions.Private);
        try
        {
            await PrivateFile.WriteNewAsync(keys, FileName, Draw(), cancellation);
        }
        catch (NameTakenException)
        {
            // Drawn before, or by another process just now: that one holds.
        }
    }

    /// <summary>Draws a password: letters and digits in groups, without white space anywhere.</summary>
    public static byte[] Draw() =>
        Encoding.ASCII.GetBytes(string.Join('-', Enumerable.Range(0, Groups).Select(_ => RandomNumberGenerator.GetString(Letters, GroupLength))));

    /// <summary>Whether a password is of the form that <see cref="Draw"/> gives: no person thinks one up, and none guesses it.</summary>
    public static bool IsOne(ReadOnlySpan<byte> password)
    {
        bool isOne = password.Length == Length;
        for (int at = 0; isOne && at < password.Length; at++)
        {
            isOne = at % (GroupLength + 1) == GroupLength ? password[at] == '-' : LettersAsBytes.Contains(password[at]);
        }

        return isOne;
    }
}
