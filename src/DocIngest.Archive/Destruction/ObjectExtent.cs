namespace DocIngest.Archive;

/// <summary>How much an object is, for the list of what is to be destroyed. All of it follows from the inventory, so the digest pins the rest.</summary>
/// <param name="Versions">Versions it has.</param>
/// <param name="Files">Content files of all versions, each counted once; inventories and the declaration are not counted.</param>
/// <param name="SizeBytes">Bytes of these files.</param>
/// <param name="InventoryDigest">Digest of the head's <c>inventory.json</c>, which covers every name and byte of the object.</param>
public sealed record ObjectExtent(int Versions, int Files, long SizeBytes, Sha512Digest InventoryDigest);
