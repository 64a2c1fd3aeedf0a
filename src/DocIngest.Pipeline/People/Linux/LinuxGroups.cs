using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace DocIngest.Pipeline.People.Linux;

/// <summary>getgrouplist(3) and getgrgid_r(3): what the system's name service says of a user now, also where a group was given after the session began.</summary>
[UnsupportedOSPlatform("windows")]
internal static partial class LinuxGroups
{
    private const int First = 64;
    private const int MostGroups = 65_536;   // NGROUPS_MAX of Linux
    private const int FirstBuffer = 4 * 1024;
    private const int MostBuffer = 16 << 20;   // an entry lists all its members
    private const int Interrupted = 4;
    private const int BufferTooSmall = 34;   // ERANGE

    /// <summary>Names of groups; one without a name is left out, since nobody can have registered it.</summary>
    /// <exception cref="IOException">The system does not say.</exception>
    public static IReadOnlyList<string> OfThisProcess() => [.. IdsOf(Environment.UserName, EffectiveGroupId()).Select(NameOf).OfType<string>()];

    private static unsafe uint[] IdsOf(string user, uint primary)
    {
        for (int room = First; room <= MostGroups; room *= 4)
        {
            uint[] ids = new uint[room];
            int count = room;
            fixed (uint* list = ids)
            {
                if (GroupList(user, primary, list, ref count) >= 0)
                {
                    return ids[..count];
                }
            }
        }

        throw new IOException("The system does not say of which groups this account is.");
    }

    private static unsafe string? NameOf(uint id)
    {
        for (int size = FirstBuffer; size <= MostBuffer; size *= 4)
        {
            byte[] buffer = new byte[size];
            fixed (byte* start = buffer)
            {
                Group group = default;
                int error = GroupById(id, &group, start, (nuint)size, out var found);
                if (error is not (Interrupted or BufferTooSmall))
                {
                    return error != 0 ? throw new IOException($"The system does not say what a group is called (error {error}).")
                        : found == 0 ? null
                        : Marshal.PtrToStringUTF8(group.Name);
                }
            }
        }

        throw new IOException("A group of the system has too many members to be read.");
    }

    // struct group of grp.h: the same on all Linux.
    [StructLayout(LayoutKind.Sequential)]
    private struct Group
    {
        public nint Name;
        public nint Password;
        public uint Id;
        public nint Members;
    }

    [LibraryImport("libc", EntryPoint = "getgrouplist", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int GroupList(string user, uint group, uint* groups, ref int count);

    [LibraryImport("libc", EntryPoint = "getgrgid_r")]
    private static unsafe partial int GroupById(uint id, Group* group, byte* buffer, nuint size, out nint result);

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint EffectiveGroupId();
}
