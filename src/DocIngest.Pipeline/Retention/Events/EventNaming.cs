using System.Security.Cryptography;
using System.Text;
using DocIngest.Pipeline.SystemObjects;

namespace DocIngest.Pipeline.Retention;

/// <summary>Names the objects of patients and cases by a keyed digest, so that a name or a path says nothing of a number (I6).</summary>
/// <remarks>A digest without a key would not do: all numbers of seven digits are tried in a second.</remarks>
public sealed class EventNaming
{
    /// <summary>Length of the key.</summary>
    public const int KeyBytes = 32;

    internal const string Prefix = "events:";

    private readonly byte[] _key;

    /// <param name="key">Random; kept in the data folder's <c>keys/</c>.</param>
    /// <exception cref="ArgumentException">It has another length.</exception>
    public EventNaming(ReadOnlySpan<byte> key) =>
        _key = key.Length == KeyBytes ? key.ToArray() : throw new ArgumentException($"The key has {key.Length} bytes instead of {KeyBytes}.", nameof(key));

    /// <summary>The object of a patient or a case.</summary>
    public SystemObjectName NameOf(EventSubject subject) =>
        new($"{Prefix}{subject.Word}:{Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{subject.Word}\0{subject.Number}")))}");
}
