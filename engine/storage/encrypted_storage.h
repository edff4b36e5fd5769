// A storage whose files are sealed in another storage: nobody without the key reads them, and what
// is read is what was written to that file, or an error that names it.
//
//   WT_ASSIGN_OR_RETURN(SecretKey key, ReadKeyFile(env.disk, "storage.key"));
//   WT_ASSIGN_OR_RETURN(std::unique_ptr<Storage> files, OpenFileStorage(env, {}));
//   WT_ASSIGN_OR_RETURN(std::unique_ptr<Storage> storage,
//                       OpenEncryptedStorage(env, std::move(files), key));
//
// Detected: any change of any byte that counts, of pages or of whole files, put elsewhere, put into
// another file, or cut off (FORMAT.md has the table). Not detected, and not hidden:
//   - Everything replaced by an older state of itself, or a file by an older file of its name.
//   - A journal or manifest that was never closed, cut off behind any sync: so a crash looks.
//   - Names, sizes, times, and which manifest counts. The pointer is not authenticated: it holds no
//     secret, and all that it can be turned to is a manifest that was sealed under that very name.
// Beyond the contract of storage.h:
//   - Journals and manifests that end torn are given up to their last whole page; a table or a
//     temporary file that was never synced or closed is kCorrupted.
//   - Rename copies, since files are bound to their names: as dear as writing the file again.
//   - Temporary files with a number from 2^62 on are its own, and kInvalidFile for others.
//   - Log drops its lines: they would be in clear.
#ifndef WAVETANK_ENGINE_STORAGE_ENCRYPTED_STORAGE_H_
#define WAVETANK_ENGINE_STORAGE_ENCRYPTED_STORAGE_H_

#include <memory>

#include "engine/env/env.h"
#include "engine/storage/cipher.h"
#include "engine/storage/storage.h"

namespace wt {

// Looks for a file that tells whether the key is the right one, and removes what a rename left
// behind. Errors: kWrongKey; those of `base`. Suspends.
absl::StatusOr<std::unique_ptr<Storage>> OpenEncryptedStorage(Env env,
                                                              std::unique_ptr<Storage> base,
                                                              const SecretKey& key);

}  // namespace wt

#endif  // WAVETANK_ENGINE_STORAGE_ENCRYPTED_STORAGE_H_
