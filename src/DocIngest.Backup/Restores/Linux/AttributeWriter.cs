using DocIngest.Backup.Sources.Linux;
using DocIngest.Backup.Trees;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Backup.Restores.Linux;

/// <summary>Sets extended attributes, access lists among them: of an open file or folder, or of an entry of an open folder.</summary>
/// <remarks>
/// Attributes that the snapshot does not have are removed where they are the user's or access lists, which a folder hands down. Those of
/// the system (labels, measures) are given by its policy, and stay.
/// </remarks>
internal readonly struct AttributeWriter
{
    private readonly SafeFileHandle? _file;
    private readonly byte[]? _path;
    private readonly AttributeReader _reader;

    internal AttributeWriter(SafeFileHandle file) => (_file, _reader) = (file, new AttributeReader(file));

    /// <param name="folder">Must stay open.</param>
    /// <param name="name">Zero-terminated.</param>
    internal AttributeWriter(SafeFileHandle folder, byte[] name) =>
        (_path, _reader) = (ProcPath.Of(folder, name), new AttributeReader(folder, name));

    internal bool AreWritten(IReadOnlyList<ExtendedAttribute> wanted)
    {
        var found = _reader.Read(out _);
        return wanted.All(one => found.Exists(other => AreEqual(one, other))) && !found.Exists(other => IsSurplus(other, wanted));
    }

    /// <summary>Makes the attributes what the snapshot has, as far as they differ.</summary>
    /// <returns>Whether anything was tried.</returns>
    internal bool Write(IReadOnlyList<ExtendedAttribute> wanted, List<string> problems)
    {
        var found = _reader.Read(out _);   // what cannot be read is set anyway, and then told of
        bool isTried = false;
        foreach (var surplus in found.Where(one => IsSurplus(one, wanted)))
        {
            isTried = true;
            if (Remove(Terminated(surplus.Name)) != 0)
                problems.Add(TargetError.OfMetadata(TargetError.Last, "remove an extended attribute"));
        }

        foreach (var one in wanted.Where(one => !found.Exists(other => AreEqual(one, other))))
        {
            isTried = true;
            if (Set(Terminated(one.Name), one.Value.GetValueOrDefault().Span) != 0)
                problems.Add(TargetError.OfMetadata(TargetError.Last, "set an extended attribute"));
        }

        return isTried;
    }

    private static bool IsSurplus(ExtendedAttribute found, IReadOnlyList<ExtendedAttribute> wanted) =>
        (found.Name.StartsWith("user.", StringComparison.Ordinal) || found.Name.StartsWith("system.posix_acl_", StringComparison.Ordinal))
        && !wanted.Any(one => one.Name == found.Name);

    private static bool AreEqual(ExtendedAttribute one, ExtendedAttribute other) =>
        one.Name == other.Name && one.Value.GetValueOrDefault().Span.SequenceEqual(other.Value.GetValueOrDefault().Span);

    private int Set(byte[] name, ReadOnlySpan<byte> value)
    {
        nuint size = (nuint)value.Length;
        return _file is { } file ? WriteCalls.SetAttribute(file, name, value, size, 0) : WriteCalls.SetAttribute(_path, name, value, size, 0);
    }

    private int Remove(byte[] name) => _file is { } file ? WriteCalls.RemoveAttribute(file, name) : WriteCalls.RemoveAttribute(_path, name);

    private static byte[] Terminated(string name) => [.. System.Text.Encoding.UTF8.GetBytes(name), 0];
}
