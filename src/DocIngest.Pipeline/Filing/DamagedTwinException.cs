using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Filing;

/// <summary>The archive knows these bytes, and its copy of them is damaged or gone. The scanner's file was left where it is; retrying helps once the record is restored.</summary>
internal sealed class DamagedTwinException(RecordId record)
    : Exception($"The archive holds this document already, as {record}, but its copy there is damaged or missing. Keep the file and the paper until the record is restored.");
