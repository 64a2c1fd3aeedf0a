using System.Text.Json;
using DocIngest.Backup.Trees;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Backup.Restores.Windows;

/// <summary>Sets times and attributes through an open handle (restic-format 9.6). Compiles everywhere; checked by reading only.</summary>
internal static class WindowsMetadata
{
    private const uint OwnerMayWrite = 0x80;   // 0200

    /// <summary>What <c>SetFileInformationByHandle</c> takes; the rest is not for programs to set.</summary>
    private const FileAttributes Settable =
        FileAttributes.ReadOnly | FileAttributes.Hidden | FileAttributes.System | FileAttributes.Archive | FileAttributes.NotContentIndexed;

    internal static bool IsWritten(SafeFileHandle entry, Node node) => WindowsTargetError.Guarded("look at a file", () =>
        File.GetLastWriteTimeUtc(entry) == Modified(node) && (File.GetAttributes(entry) & Settable) == Attributes(node));

    internal static MetadataOutcome Write(SafeFileHandle entry, Node node)
    {
        var problems = new List<string>();
        try
        {
            if (Creation(node) is { } created)
                File.SetCreationTimeUtc(entry, created);
            File.SetLastWriteTimeUtc(entry, Modified(node));
            var attributes = (File.GetAttributes(entry) & ~Settable) | Attributes(node);
            File.SetAttributes(entry, attributes == FileAttributes.None ? FileAttributes.Normal : attributes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            problems.Add($"Cannot set times or attributes: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(WindowsTargetError.CodeOf(error))}");
        }

        if (node.ExtendedAttributes.Count > 0)
            problems.Add("Extended attributes are not restored on Windows.");
        return new MetadataOutcome(false, problems);
    }

    private static DateTime Modified(Node node) => node.Modified.Instant.ToDateTimeOffset().UtcDateTime;

    private static FileAttributes Attributes(Node node) =>
        Json(node, "windows.file_attributes") is { ValueKind: JsonValueKind.Number } value && value.TryGetUInt32(out uint attributes)
        ? (FileAttributes)attributes & Settable
        : node.Type is NodeType.File && (node.Mode.Permissions & OwnerMayWrite) == 0 ? FileAttributes.ReadOnly : FileAttributes.None;

    private static DateTime? Creation(Node node) =>
        Json(node, "windows.creation_time") is { ValueKind: JsonValueKind.Object } value
        && Half(value, "LowDateTime") is { } low && Half(value, "HighDateTime") is { } high
            ? DateTime.FromFileTimeUtc(((long)high << 32) | low)
            : null;

    private static uint? Half(JsonElement time, string name) =>
        time.TryGetProperty(name, out var half) && half.ValueKind is JsonValueKind.Number && half.TryGetUInt32(out uint value) ? value : null;

    private static JsonElement? Json(Node node, string name)
    {
        if (node.GenericAttributes.FirstOrDefault(one => one.Name == name) is not { } attribute)
            return null;
        try
        {
            using var json = JsonDocument.Parse(attribute.Json);
            return json.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;   // a value of no meaning is as none: the time and the mode say the rest
        }
    }
}
