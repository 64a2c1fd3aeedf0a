using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline.People;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.SystemObjects;

namespace DocIngest.Pipeline.Holds;

/// <summary>Reads the register of holds, and believes of it what can be shown.</summary>
/// <param name="objects">The archive's system objects.</param>
/// <param name="copies">The register's copies beside the archive.</param>
/// <param name="people">Whose signatures count.</param>
internal sealed class HoldsReading(SystemObjectStore objects, HoldsLedger copies, PeopleRegister people)
{
    /// <summary>The register's object as it is now; null where there is none.</summary>
    /// <exception cref="DamagedObjectException">It cannot be read.</exception>
    public OcflObject? Find() => objects.Find(HoldRegister.Name);

    /// <summary>The holds that hold, with all they list. One whose release is not signed by two people who are registered holds on, whatever stands in the register.</summary>
    /// <exception cref="DamagedObjectException">The register cannot be read, or is older than its copy beside the archive: nothing may be destroyed.</exception>
    /// <exception cref="FixityException">A list is damaged: nothing may be destroyed.</exception>
    public HoldsInForce InForce()
    {
        var found = Find();
        var document = found is null ? HoldsDocument.None : Read(found);
        if (document.Revision < copies.NewestRevision)
        {
            throw new DamagedObjectException(new Finding(
                FindingCodes.DocumentUnreadable, found?.Path ?? HoldRegister.Name.ObjectId, "The register of holds is older than its copy in destruction/: an older archive was restored. 'retention replay' brings it up to date."));
        }

        if (found is null)
        {
            return HoldsInForce.None;
        }

        var registered = people.Read();
        return new HoldsInForce([.. document.Holds.Where(hold => hold.IsInForce || !IsReleaseSigned(found, hold, registered)).Select(hold => (hold, MembersOf(found, hold)))]);
    }

    /// <summary>Whether the register is older than its newest copy: an older archive was restored.</summary>
    public bool IsBehind() => copies.NewestRevision > (Find() is { } found ? Read(found).Revision : 0);

    /// <summary>The whole register as one file; null where there is none.</summary>
    /// <exception cref="DamagedObjectException">It cannot be read.</exception>
    /// <exception cref="FixityException">It is damaged.</exception>
    public (int Revision, byte[] Content)? Copy()
    {
        if (Find() is not { } found)
        {
            return null;
        }

        var files = found.ListVersion(found.Head).ToDictionary(file => file.LogicalPath, file => ReadBytes(found, file.LogicalPath));
        int revision = Read(found).Revision;
        return (revision, JsonSerializer.SerializeToUtf8Bytes(new HoldsCopy(revision, files), HoldsJson.Instance.HoldsCopy));
    }

    /// <summary>The register as a document.</summary>
    /// <exception cref="DamagedObjectException">It cannot be read.</exception>
    public HoldsDocument Read(OcflObject found) => objects.ReadJson(
        found, HoldsDocument.FileName, HoldsJson.Instance.HoldsDocument, HoldsDocument.MostBytes, read => read.Format == HoldsDocument.CurrentFormat);

    /// <summary>A file of the register.</summary>
    /// <exception cref="DamagedObjectException">It is missing.</exception>
    /// <exception cref="FixityException">It is damaged.</exception>
    public byte[] ReadBytes(OcflObject found, string path)
    {
        using var stream = objects.Open(found, path)
            ?? throw new DamagedObjectException(new Finding(FindingCodes.DocumentUnreadable, found.Path, $"{path} is missing."));
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>A statement that two people sign; null where it is none.</summary>
    public static ReleaseStatement? ReadStatement(byte[] statement)
    {
        try
        {
            return JsonSerializer.Deserialize(statement, HoldsJson.Instance.ReleaseStatement);
        }
        catch (JsonException)
        {
            return null;   // refused as none; the parser's message may quote it
        }
    }

    private bool IsReleaseSigned(OcflObject found, Hold hold, PeopleDocument registered)
    {
        if (hold is not { Asked: { } asked, Released: { } released } || asked.Person == released.Person || objects.Open(found, HoldFiles.Statement(hold)) is not { } file)
        {
            return false;
        }

        file.Dispose();
        byte[] statement = ReadBytes(found, HoldFiles.Statement(hold));
        return IsSigned(asked.Person, "asked") && IsSigned(released.Person, "agreed") && ReadStatement(statement)?.Hold == hold.Id;

        bool IsSigned(string person, string by) => registered.Find(person) is { } signer && found.FindFile(found.Head, HoldFiles.Signature(hold, by)) is not null
            && new PersonalSignature(signer, ReadBytes(found, HoldFiles.Signature(hold, by))).IsOver(statement);
    }

    private HashSet<RecordId> MembersOf(OcflObject found, Hold hold)
    {
        if (hold.Scope.Listed is not { } members)
        {
            return [];
        }

        byte[] content = ReadBytes(found, members.File);
        var ids = Encoding.ASCII.GetString(content).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(RecordId.Parse).ToHashSet();
        return ids.Count == members.Count && Convert.ToHexStringLower(SHA512.HashData(content)) == members.Sha512
            ? ids
            : throw new DamagedObjectException(new Finding(FindingCodes.DocumentUnreadable, found.Path, $"{members.File} is not the list that was written."));
    }
}

/// <summary>Where the files of a hold lie in the register's object.</summary>
internal static class HoldFiles
{
    public static string Members(int number) => $"members/hold-{number}.txt";

    public static string Statement(Hold hold) => $"release/{hold.Id}.json";

    public static string Signature(Hold hold, string by) => $"release/{hold.Id}.{by}.p7s";
}
