using System.Text;
using DocIngest.Backup.Trees;
using DocIngest.Storage;

namespace DocIngest.Backup.Restores;

/// <summary>Which paths of a snapshot are meant, in the words of restic's <c>--include</c>.</summary>
/// <remarks>
/// <para>A pattern that begins with <c>/</c> is matched from the root of the snapshot on (<c>/home/anna/*.pdf</c>), any other at any
/// depth (<c>*.pdf</c>, <c>anna/letters</c>). What is matched is meant with all below it.</para>
/// <para>Within a name <c>*</c> stands for any characters and <c>?</c> for one; <c>**</c> as a whole name stands for any number of
/// names, none among them. All else stands for itself, also <c>[</c> and <c>\</c>, which restic gives a meaning. Case counts.</para>
/// <para>Followed from folder to folder: the state is a bit for each number of elements that the names so far have used up.</para>
/// </remarks>
public sealed class PathPattern
{
    private const int MostElements = 63;   // one bit less than the state has: the last one says that all were met

    private static readonly byte[] AnyNumber = "**"u8.ToArray();

    private readonly byte[][] _elements;

    private PathPattern(byte[][] elements) => _elements = elements;

    /// <summary>Reads a pattern.</summary>
    /// <param name="pattern">In the form of <see cref="RawName"/>, with <c>/</c> between names on every system.</param>
    /// <exception cref="ArgumentException">Empty, with <c>..</c> in it, or of more than 63 elements.</exception>
    public static PathPattern Parse(string pattern)
    {
        var elements = pattern.Split('/').Where(element => element is not ("" or ".")).ToList();
        if (elements.Contains(".."))
            throw new ArgumentException("A pattern must not hold '..': paths in a snapshot have none.", nameof(pattern));
        if (elements.Count == 0 && !pattern.StartsWith('/'))
            throw new ArgumentException("A pattern must not be empty.", nameof(pattern));
        if (!pattern.StartsWith('/'))
            elements.Insert(0, "**");
        if (elements.Count > MostElements)
            throw new ArgumentException($"A pattern must not have more than {MostElements} elements.", nameof(pattern));
        return new PathPattern([.. elements.Select(RawName.ToBytes)]);
    }

    /// <summary>Before any name.</summary>
    internal ulong Start => WithNone(1);

    /// <summary>Whether these names, or the first of them, are matched.</summary>
    internal bool IsMet(ulong state) => (state & (1ul << _elements.Length)) != 0;

    /// <summary>After one more name; zero where nothing below can be matched any more.</summary>
    internal ulong Step(ulong state, FileName name)
    {
        if (IsMet(state))
            return state;
        ulong next = 0;
        for (int i = 0; i < _elements.Length; i++)
        {
            if ((state & (1ul << i)) == 0)
                continue;
            if (_elements[i].AsSpan().SequenceEqual(AnyNumber))
                next |= 1ul << i;
            else if (Matches(_elements[i], name.Bytes))
                next |= 1ul << (i + 1);
        }

        return WithNone(next);
    }

    /// <summary>Adds what is reached by letting <c>**</c> stand for no name.</summary>
    private ulong WithNone(ulong state)
    {
        for (int i = 0; i < _elements.Length; i++)
        {
            if ((state & (1ul << i)) != 0 && _elements[i].AsSpan().SequenceEqual(AnyNumber))
                state |= 1ul << (i + 1);
        }

        return state;
    }

    /// <summary>Matches one name. Going back to the last star is enough, since what it took before can only grow.</summary>
    private static bool Matches(ReadOnlySpan<byte> element, ReadOnlySpan<byte> name)
    {
        int at = 0, of = 0, star = -1, taken = 0;
        while (at < name.Length)
        {
            if (of < element.Length && element[of] == '*')
            {
                star = of++;
                taken = at;
            }
            else if (of < element.Length && element[of] == '?')
            {
                at += CharacterLength(name[at..]);
                of++;
            }
            else if (of < element.Length && element[of] == name[at])
            {
                at++;
                of++;
            }
            else if (star >= 0)
            {
                of = star + 1;
                taken += CharacterLength(name[taken..]);
                at = taken;
            }
            else
            {
                return false;
            }
        }

        return element[of..].IndexOfAnyExcept((byte)'*') < 0;
    }

    private static int CharacterLength(ReadOnlySpan<byte> name)
    {
        _ = Rune.DecodeFromUtf8(name, out _, out int length);
        return Math.Max(length, 1);
    }
}
