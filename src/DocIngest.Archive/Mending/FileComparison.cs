using System.Security.Cryptography;

namespace DocIngest.Archive;

/// <summary>Reads two files side by side.</summary>
internal static class FileComparison
{
    private const int BlockBytes = 128 * 1024;

    /// <summary>How the damaged one differs from the sound one; both are read to their ends.</summary>
    public static FileDamage Compare(Stream damaged, Stream sound)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        byte[] was = new byte[BlockBytes], right = new byte[BlockBytes];
        long at = 0, length = 0, differing = 0;
        long? first = null;
        while (true)
        {
            int read = damaged.ReadAtLeast(was, was.Length, throwOnEndOfStream: false);
            int wanted = sound.ReadAtLeast(right, right.Length, throwOnEndOfStream: false);
            if (read == 0 && wanted == 0)
            {
                return new FileDamage(Sha512Digest.FromBytes(hash.GetHashAndReset()), length, first ?? length, differing);
            }

            hash.AppendData(was, 0, read);
            int common = Math.Min(read, wanted);
            for (int place = 0; place < common; place++)
            {
                if (was[place] != right[place])
                {
                    first ??= at + place;
                    differing++;
                }
            }

            if (read != wanted)
            {
                first ??= at + common;
                differing += Math.Abs(read - wanted);
            }

            at += common;
            length += read;
        }
    }
}
