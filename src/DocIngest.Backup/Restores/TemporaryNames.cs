using System.Buffers;
using System.Security.Cryptography;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Restores;

/// <summary>The names that entries have until they are whole. Drawn anew for each run, so that none is met twice.</summary>
internal sealed class TemporaryNames
{
    private const int RunDigits = 16;

    private static readonly SearchValues<byte> Hex = SearchValues.Create("0123456789abcdef"u8);

    private readonly string _run = RandomNumberGenerator.GetHexString(RunDigits, lowercase: true);
    private long _last;

    private static ReadOnlySpan<byte> Prefix => ".docingest-restore-"u8;

    internal FileName Next() => FileName.FromRaw($"{System.Text.Encoding.ASCII.GetString(Prefix)}{_run}-{Interlocked.Increment(ref _last):x}");

    /// <summary>Whether some run of this program made the name up.</summary>
    internal static bool IsOne(ReadOnlySpan<byte> name)
    {
        if (!name.StartsWith(Prefix))
            return false;
        var rest = name[Prefix.Length..];
        return rest.Length > RunDigits + 1 && rest[RunDigits] == '-' && IsHex(rest[..RunDigits]) && IsHex(rest[(RunDigits + 1)..]);
    }

    private static bool IsHex(ReadOnlySpan<byte> digits) => !digits.ContainsAnyExcept(Hex);
}
