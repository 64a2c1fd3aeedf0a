using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace DocIngest.Backup.Sources.Linux;

/// <summary>The names of users and groups by number, each asked for once: a directory service may take long to answer.</summary>
internal static class AccountNames
{
    private const int Enough = 1024;
    private const int TooMuch = 16 * 1024 * 1024;   // a group of a million members

    private static readonly ConcurrentDictionary<uint, string> Users = new();
    private static readonly ConcurrentDictionary<uint, string> Groups = new();

    private delegate int Finding(uint id, out Account entry, Span<byte> texts, nuint size, out nint found);

    /// <summary>Empty where the system knows no name, and where it cannot be asked: the number is stored anyhow.</summary>
    internal static string OfUser(uint id) => Users.GetOrAdd(id, static one => Find(LibC.FindUser, one));

    /// <inheritdoc cref="OfUser" />
    internal static string OfGroup(uint id) => Groups.GetOrAdd(id, static one => Find(LibC.FindGroup, one));

    private static unsafe string Find(Finding find, uint id)
    {
        for (int size = Enough; size <= TooMuch; size *= 4)
        {
            byte[] texts = GC.AllocateUninitializedArray<byte>(size, pinned: true);   // the entry points into it
            int error = find(id, out var entry, texts, (nuint)size, out nint found);
            if (error is not (Errno.ERANGE or Errno.EINTR))
                return error == 0 && found != 0 ? Text(entry.Name) : "";
        }

        return "";
    }

    private static unsafe string Text(nint at) => System.Text.Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)at));
}
