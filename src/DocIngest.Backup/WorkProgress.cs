namespace DocIngest.Backup;

/// <summary>How far an operation is. What an item is, the operation says: a file, a pack, a tree.</summary>
/// <param name="Items">Done so far.</param>
/// <param name="AllItems">To be done; null where that is not known yet.</param>
/// <param name="Bytes">Done so far.</param>
/// <param name="AllBytes">To be done; null where that is not known yet.</param>
public readonly record struct WorkProgress(long Items, long? AllItems, long Bytes, long? AllBytes);
